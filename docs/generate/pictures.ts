import { type Box, drawPicture, type Picture } from './draw-picture.ts';

/** A request's way: the stages, each a folder of src, and what each refuses. */
const stages: readonly (readonly [folder: string, question: string, refusal: string])[] = [
  ['accept', 'true of every request: host, scheme, peer?', '400'],
  ['session', 'who has been here before?', 'store away: 503'],
  ['routing', 'first route that matches, path rewritten', '404, 405'],
  ['authorization', 'admitted? scope, CSRF', 'login, 401, 403'],
  ['destinations', 'name → where, and how to authenticate', '404'],
  ['tokens', 'destination + user → credential', '502, 401, 403'],
  ['forwarding', 'headers, body up, answer down', '502, 504'],
];

const way: Picture = {
  width: 860,
  height: 90 + stages.length * 66,
  told: 'A request passes seven stages: accept, session, routing, authorization, destinations, tokens, forwarding; each may refuse it',
  boxes: [
    { x: 250, y: 10, width: 320, height: 36, title: 'browser, single-page app, program' },
    ...stages.map(
      ([folder, question], i): Box => ({
        x: 250,
        y: 72 + i * 66,
        width: 320,
        height: 48,
        title: `${i + 1}  ${folder}/`,
        lines: [question],
        look: 'house',
      }),
    ),
    { x: 20, y: 138, width: 150, height: 48, title: 'Redis', lines: ['with several instances'] },
    { x: 20, y: 270, width: 150, height: 48, title: 'identity provider', lines: ['OpenID Connect'] },
    { x: 20, y: 336, width: 150, height: 48, title: 'Destination service', lines: ['when bound'] },
    { x: 20, y: 402, width: 150, height: 48, title: 'token service', lines: ['asked once, cached'] },
    { x: 20, y: 468, width: 150, height: 48, title: 'backend', lines: ['streamed'] },
    { x: 740, y: 270, width: 110, height: 48, title: '8  errors/', lines: ['answers once'], look: 'house' },
  ],
  arrows: [
    ...Array.from({ length: stages.length }, (_, i) => ({
      through: [
        [410, i === 0 ? 46 : 54 + i * 66],
        [410, 70 + i * 66],
      ] as const,
    })),
    ...stages.map(([, , refusal], i) => ({
      through: [
        [570, 96 + i * 66],
        [i === 3 ? 738 : 795, 96 + i * 66],
        ...(i === 3 ? [] : ([[795, i < 3 ? 268 : 320]] as const)),
      ] as const,
      text: refusal,
      at: [582, 90 + i * 66] as const,
      dashed: true,
    })),
    ...[162, 294, 360, 426, 492].map((y) => ({
      through: [
        [248, y],
        [172, y],
      ] as const,
      both: true,
    })),
  ],
};

const landscape: Picture = {
  width: 860,
  height: 420,
  told: 'npm run demo: a browser, Portunus, and four services on this machine that stand in for Entra ID, Microsoft Graph, SuccessFactors and SAP Identity Authentication',
  boxes: [
    { x: 10, y: 10, width: 840, height: 400, title: 'your machine: npm run demo', look: 'frame' },
    { x: 30, y: 190, width: 120, height: 60, title: 'browser', lines: ['a session cookie'] },
    {
      x: 260,
      y: 150,
      width: 190,
      height: 140,
      title: 'Portunus',
      lines: ['xs-app.json', 'destinations.json', 'keystores/', 'localhost:5000'],
      look: 'house',
    },
    { x: 610, y: 40, width: 220, height: 60, title: 'like Entra ID', lines: ['login, tokens, consent'] },
    { x: 610, y: 135, width: 220, height: 60, title: 'like Microsoft Graph', lines: ['checks tokens, permissions'] },
    { x: 610, y: 230, width: 220, height: 60, title: 'like SuccessFactors', lines: ['checks SAML assertions'] },
    { x: 610, y: 325, width: 220, height: 60, title: 'like IAS, and an API', lines: ['checks client certificates'] },
  ],
  arrows: [
    {
      through: [
        [152, 220],
        [258, 220],
      ],
      both: true,
      text: 'http',
    },
    {
      through: [
        [90, 188],
        [90, 60],
        [608, 60],
      ],
      both: true,
      text: 'log in',
      at: [110, 54],
    },
    {
      through: [
        [452, 180],
        [520, 180],
        [520, 85],
        [608, 85],
      ],
      text: 'On-Behalf-Of',
      at: [526, 102],
    },
    {
      through: [
        [452, 200],
        [540, 200],
        [540, 165],
        [608, 165],
      ],
      text: 'token',
      at: [550, 158],
    },
    {
      through: [
        [452, 240],
        [540, 240],
        [540, 260],
        [608, 260],
      ],
      text: 'assertion',
      at: [546, 278],
    },
    {
      through: [
        [452, 265],
        [520, 265],
        [520, 355],
        [608, 355],
      ],
      text: 'mutual TLS',
      at: [526, 374],
    },
  ],
};

const deployment: Picture = {
  width: 860,
  height: 380,
  told: 'In a deployment the platform ends TLS and spreads requests over instances of Portunus, which share sessions in Redis, log in at the identity provider, and call backends',
  boxes: [
    { x: 10, y: 150, width: 110, height: 60, title: 'browsers' },
    { x: 175, y: 140, width: 140, height: 80, title: 'its router', lines: ['ends TLS,', 'spreads, probes'] },
    { x: 365, y: 20, width: 200, height: 340, title: 'your space or cluster', look: 'frame' },
    { x: 385, y: 60, width: 160, height: 56, title: 'Portunus', lines: ['an instance'], look: 'house' },
    { x: 405, y: 150, width: 140, height: 56, title: 'Portunus', lines: ['another one'], look: 'house' },
    { x: 385, y: 280, width: 160, height: 60, title: 'Redis', lines: ['sessions, sealed'] },
    { x: 670, y: 20, width: 180, height: 56, title: 'identity provider', lines: ['login, renewal'] },
    { x: 670, y: 105, width: 180, height: 56, title: 'token services', lines: ['a key for each destination'] },
    { x: 670, y: 190, width: 180, height: 56, title: 'backends', lines: ['with the credential'] },
    { x: 670, y: 284, width: 180, height: 56, title: 'metrics, log lines', lines: ['port of its own, stdout'] },
  ],
  arrows: [
    {
      through: [
        [120, 180],
        [173, 180],
      ],
      text: 'https',
    },
    {
      through: [
        [317, 165],
        [345, 165],
        [345, 88],
        [383, 88],
      ],
      text: 'http',
      at: [318, 82],
    },
    {
      through: [
        [317, 180],
        [403, 180],
      ],
    },
    {
      through: [
        [475, 208],
        [475, 278],
      ],
      both: true,
    },
    {
      through: [
        [395, 118],
        [395, 278],
      ],
      both: true,
    },
    {
      through: [
        [547, 80],
        [668, 48],
      ],
    },
    {
      through: [
        [547, 95],
        [668, 130],
      ],
    },
    {
      through: [
        [547, 180],
        [668, 215],
      ],
    },
    {
      through: [
        [547, 195],
        [668, 306],
      ],
      dashed: true,
    },
  ],
};

/** The pictures by their file in docs/pictures. */
export const pictures: Readonly<Record<string, string>> = {
  'a-requests-way.svg': drawPicture(way),
  'landscape.svg': drawPicture(landscape),
  'deployment.svg': drawPicture(deployment),
};
