import { facts, person, table } from './show-data.js';

/**
 * @typedef {object} Way how a request gets to its service
 * @property {string} [label] what tells it from the panel's other ways
 * @property {string} route
 * @property {string} [destination]
 * @property {string} key the token flow
 * @property {(user: User) => string} request path and query
 */

/**
 * @typedef {object} User what the user API says
 * @property {string} [firstname]
 * @property {string} [lastname]
 * @property {string} [email]
 * @property {string} [name]
 * @property {string[]} [scopes]
 */

/**
 * @typedef {object} Panel
 * @property {string} id
 * @property {string} title
 * @property {string} about
 * @property {string} service
 * @property {string} [choice] what one chooses between the ways
 * @property {[Way, ...Way[]]} ways
 * @property {(body: any) => Node | undefined} show the essence of an answer; undefined when it has none that we know
 */

/** Of an employee, as SuccessFactors writes it. */
const states = new Map([
  ['t', 'active'],
  ['f', 'inactive'],
]);

/** @type {Panel} */
export const userPanel = {
  id: 'user',
  title: 'Who am I',
  about: 'What the login told Portunus about you, without the tokens.',
  service: 'User API of Portunus',
  ways: [{ route: '/user-api/', key: 'Your session', request: () => '/user-api/currentUser' }],
  show: (user) =>
    facts({
      Name: [user.firstname, user.lastname].filter(Boolean).join(' '),
      'E-mail': user.email,
      'User name': user.name,
      Scopes: user.scopes?.join(', '),
    }),
};

/** @type {readonly Panel[]} */
export const servicePanels = [
  {
    id: 'graph',
    title: 'My Graph profile',
    about: 'Your own token is exchanged for one that Graph accepts, so Graph knows it is you.',
    service: 'Microsoft Graph',
    choice: 'Portunus proves itself by',
    ways: [
      {
        label: 'a secret',
        route: '/graph/',
        destination: 'graph-user',
        key: 'On-Behalf-Of',
        request: () => '/graph/me',
      },
      {
        label: 'a signed assertion',
        route: '/graph-assertion/',
        destination: 'graph-user-assertion',
        key: 'On-Behalf-Of',
        request: () => '/graph-assertion/me',
      },
    ],
    show: (profile) =>
      person(profile.displayName, profile.jobTitle, {
        'E-mail': profile.mail,
        Office: profile.officeLocation,
        Phone: profile.mobilePhone ?? profile.businessPhones?.[0],
        Language: profile.preferredLanguage,
      }),
  },
  {
    id: 'successfactors',
    title: 'My SuccessFactors record',
    about: 'Portunus signs a SAML assertion that names you; SuccessFactors gives a token for it.',
    service: 'SuccessFactors OData v2',
    ways: [
      {
        route: '/successfactors/',
        destination: 'successfactors',
        key: 'SAML bearer',
        request: ({ email = '' }) => `/successfactors/User?$filter=${mailIs(email)}&$format=json`,
      },
    ],
    show(body) {
      const [record] = body.d?.results ?? [];
      if (record === undefined) return facts({ Result: 'SuccessFactors has no record with your e-mail address.' });
      return person(record.displayName, record.title, {
        'User id': record.userId,
        Department: record.department,
        'Hired on': day(record.hireDate),
        Status: states.get(record.status) ?? record.status,
      });
    },
  },
  {
    id: 'graph-technical',
    title: 'Graph as the technical user',
    about: 'The application asks in its own name. The route lets GET requests for users through, and nothing else.',
    service: 'Microsoft Graph',
    choice: 'Portunus proves itself by',
    ways: [
      {
        label: 'a signed assertion',
        route: '/graph-technical/',
        destination: 'graph-technical',
        key: 'Client credentials',
        request: () => '/graph-technical/users?$select=displayName,jobTitle,mail',
      },
      {
        label: 'a secret',
        route: '/graph-technical-secret/',
        destination: 'graph-technical-secret',
        key: 'Client credentials',
        request: () => '/graph-technical-secret/users?$select=displayName,jobTitle,mail',
      },
    ],
    show: ({ value }) => table(value, { Name: 'displayName', Title: 'jobTitle', 'E-mail': 'mail' }),
  },
  {
    id: 'ias',
    title: 'An IAS-protected API',
    about: 'Portunus shows IAS its client certificate (mutual TLS) and asks for a token of this API.',
    service: 'Cost centers',
    choice: 'Portunus asks',
    ways: [
      {
        label: 'as the application',
        route: '/ias/',
        destination: 'ias-api',
        key: 'Client credentials, mTLS',
        request: () => '/ias/cost-centers',
      },
      {
        label: 'as you',
        route: '/ias-user/',
        destination: 'ias-user',
        key: 'JWT bearer, mTLS',
        request: () => '/ias-user/cost-centers',
      },
    ],
    show({ caller, value }) {
      const centers = table(value, { Number: 'id', Name: 'name', Currency: 'currency', Budget: 'budget' });
      if (centers === undefined) return undefined;
      const shown = document.createDocumentFragment();
      shown.append(facts({ 'The API was called by': caller?.name ?? caller?.clientId }), centers);
      return shown;
    },
  },
];

/** @param {string} email a quote inside is doubled (OData v2) */
function mailIs(email) {
  return encodeURIComponent(`email eq '${email.replaceAll("'", "''")}'`);
}

/** @param {unknown} date OData v2: `/Date(milliseconds)/` */
function day(date) {
  const [, milliseconds] = /^\/Date\((-?\d+)/.exec(String(date)) ?? [];
  if (milliseconds === undefined) return undefined;
  return new Date(Number(milliseconds)).toLocaleDateString(undefined, { dateStyle: 'long', timeZone: 'UTC' });
}
