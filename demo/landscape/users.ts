/** A person of the demo. Whom a service does not know is `undefined` there: that is how its refusals can be shown. */
export interface LandscapeUser {
  /** Object id in the directory (claim `oid`). */
  readonly oid: string;
  readonly displayName: string;
  readonly givenName: string;
  readonly surname: string;
  /** Also the user principal name. */
  readonly email: string;
  readonly jobTitle: string;
  readonly officeLocation: string;
  readonly businessPhones: readonly string[];
  readonly mobilePhone: string | null;
  readonly preferredLanguage: string;
  /** false: nobody has consented to Graph for this person, so On-Behalf-Of is refused with AADSTS65001. */
  readonly consentedToGraph: boolean;
  /** Employee record; its three names differ on purpose (token-flows.md E2: which one a NameID means depends on an attribute). */
  readonly employee: { readonly userId: string; readonly username: string } | undefined;
  /** Global user id in IAS; undefined: known to the corporate identity provider only (token-flows.md C4). */
  readonly userUuid: string | undefined;
  /** What to expect, in a sentence for the sign-in page. */
  readonly note: string;
}

const mara: LandscapeUser = {
  oid: '6b1f6a52-3c0e-4d77-9b5a-1f0d6f8a2c01',
  displayName: 'Mara Lindqvist',
  givenName: 'Mara',
  surname: 'Lindqvist',
  email: 'mara.lindqvist@example.com',
  jobTitle: 'Harbour Pilot',
  officeLocation: 'Quay 1',
  businessPhones: ['+46 8 555 0101'],
  mobilePhone: null,
  preferredLanguage: 'sv-SE',
  consentedToGraph: true,
  employee: { userId: '103214', username: 'mlindqvist' },
  userUuid: '2c7a9d10-58a1-4f4e-8d63-0a7f5b1e9c11',
  note: 'Known everywhere: every route works.',
};

const tomas: LandscapeUser = {
  oid: '0d9c4e7b-7a61-4a0e-8f0f-52b3c1d4e502',
  displayName: 'Tomás Okafor',
  givenName: 'Tomás',
  surname: 'Okafor',
  email: 'tomas.okafor@example.com',
  jobTitle: 'Customs Broker',
  officeLocation: 'Gatehouse',
  businessPhones: ['+351 21 555 0102'],
  mobilePhone: '+351 91 555 0102',
  preferredLanguage: 'pt-PT',
  consentedToGraph: true,
  employee: undefined,
  userUuid: undefined,
  note: 'Not an employee in SuccessFactors: that route shows an error.',
};

const yuki: LandscapeUser = {
  oid: 'e4a8b3c6-19d2-4c58-a7be-83d90f7c6a03',
  displayName: 'Yuki Brandt',
  givenName: 'Yuki',
  surname: 'Brandt',
  email: 'yuki.brandt@example.com',
  jobTitle: 'Lighthouse Keeper',
  officeLocation: 'North Pier',
  businessPhones: [],
  mobilePhone: '+49 40 555 0103',
  preferredLanguage: 'de-DE',
  consentedToGraph: false,
  employee: { userId: '103877', username: 'ybrandt' },
  userUuid: '7e0b5f42-c6d9-4b8a-9f21-6d3c8e4a7b33',
  note: 'Has not consented to Graph: On-Behalf-Of shows an error.',
};

/** The three people of the demo, by what they are for. */
export const users = Object.freeze({
  everywhere: Object.freeze(mara),
  withoutEmployeeRecord: Object.freeze(tomas),
  withoutConsent: Object.freeze(yuki),
});

export const allUsers: readonly LandscapeUser[] = Object.freeze(Object.values(users));
