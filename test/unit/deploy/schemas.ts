import { Ajv } from 'ajv';

/** The parts of platforms' formats that our files use, closed: a misspelt property is found, as nothing else here would. */
const text = { type: 'string', minLength: 1 } as const;
const count = { type: 'integer', minimum: 0 } as const;
const names = { type: 'object', additionalProperties: text } as const;
const closed = (properties: Record<string, object>, required: readonly string[] = []) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const listOf = (items: object) => ({ type: 'array', items });
const named = closed({ name: text }, ['name']);
const metadata = closed({ name: text, labels: names, annotations: names }, ['name']);
const selector = closed({ matchLabels: names }, ['matchLabels']);
const object = (apiVersion: string, kind: string, rest: Record<string, object>) =>
  closed({ apiVersion: { const: apiVersion }, kind: { const: kind }, metadata, ...rest }, [
    'apiVersion',
    'kind',
    'metadata',
    ...Object.keys(rest),
  ]);

const probe = closed(
  {
    httpGet: closed({ path: text, port: text }, ['path', 'port']),
    periodSeconds: count,
    timeoutSeconds: count,
    failureThreshold: count,
  },
  ['httpGet'],
);
const items = listOf(closed({ key: text, path: { type: 'string', pattern: '^[^/].*$' } }, ['key', 'path']));
const source = {
  oneOf: [
    closed({ configMap: closed({ name: text, items }, ['name']) }, ['configMap']),
    closed({ secret: closed({ name: text, items }, ['name']) }, ['secret']),
  ],
};
const volume = {
  oneOf: [
    closed({ name: text, emptyDir: closed({ sizeLimit: text }) }, ['name', 'emptyDir']),
    closed({ name: text, projected: closed({ sources: listOf(source) }, ['sources']) }, ['name', 'projected']),
    closed({ name: text, secret: closed({ secretName: text }, ['secretName']) }, ['name', 'secret']),
  ],
};
const amounts = closed({ cpu: text, memory: text });
const container = closed(
  {
    name: text,
    image: text,
    ports: listOf(closed({ name: text, containerPort: count }, ['name', 'containerPort'])),
    env: listOf(closed({ name: text, value: { type: 'string' } }, ['name', 'value'])),
    envFrom: listOf(closed({ secretRef: named }, ['secretRef'])),
    startupProbe: probe,
    livenessProbe: probe,
    readinessProbe: probe,
    resources: closed({ requests: amounts, limits: amounts }, ['requests', 'limits']),
    securityContext: closed({
      allowPrivilegeEscalation: { const: false },
      readOnlyRootFilesystem: { const: true },
      capabilities: closed({ drop: { const: ['ALL'] } }, ['drop']),
    }),
    volumeMounts: listOf(
      closed({ name: text, mountPath: { type: 'string', pattern: '^/' }, readOnly: { type: 'boolean' } }, [
        'name',
        'mountPath',
      ]),
    ),
  },
  ['name', 'image', 'startupProbe', 'livenessProbe', 'readinessProbe', 'resources', 'securityContext'],
);
const podSpec = closed(
  {
    automountServiceAccountToken: { const: false },
    enableServiceLinks: { type: 'boolean' },
    terminationGracePeriodSeconds: count,
    imagePullSecrets: listOf(named),
    securityContext: closed({
      runAsNonRoot: { const: true },
      runAsUser: { type: 'integer', minimum: 1 },
      runAsGroup: { type: 'integer', minimum: 1 },
      fsGroup: { type: 'integer', minimum: 1 },
      seccompProfile: closed({ type: { const: 'RuntimeDefault' } }),
    }),
    topologySpreadConstraints: listOf(
      closed({
        maxSkew: count,
        topologyKey: text,
        whenUnsatisfiable: { enum: ['ScheduleAnyway', 'DoNotSchedule'] },
        labelSelector: selector,
      }),
    ),
    containers: listOf(container),
    volumes: listOf(volume),
  },
  ['containers', 'securityContext', 'terminationGracePeriodSeconds'],
);

const kinds = {
  ConfigMap: object('v1', 'ConfigMap', { data: { type: 'object', additionalProperties: { type: 'string' } } }),
  Service: object('v1', 'Service', {
    spec: closed({ selector: names, ports: listOf(closed({ name: text, port: count, targetPort: text })) }),
  }),
  Deployment: object('apps/v1', 'Deployment', {
    spec: closed(
      {
        replicas: count,
        revisionHistoryLimit: count,
        selector,
        strategy: closed({
          type: { const: 'RollingUpdate' },
          rollingUpdate: closed({ maxUnavailable: count, maxSurge: count }),
        }),
        template: closed({ metadata: closed({ labels: names, annotations: names }), spec: podSpec }, [
          'metadata',
          'spec',
        ]),
      },
      ['selector', 'template'],
    ),
  }),
  APIRule: object('gateway.kyma-project.io/v2', 'APIRule', {
    spec: closed(
      {
        gateway: { type: 'string', pattern: '^[a-z0-9-]{1,63}/[a-z0-9-]{1,63}$' },
        hosts: { type: 'array', items: { type: 'string', pattern: '^[a-z0-9.-]+$' }, minItems: 1, maxItems: 1 },
        service: closed({ name: text, port: count }, ['name', 'port']),
        timeout: { type: 'integer', minimum: 1, maximum: 3900 },
        rules: listOf(
          closed(
            {
              path: { type: 'string', pattern: '^/' },
              methods: listOf({
                enum: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE'],
              }),
              noAuth: { const: true },
            },
            ['path', 'methods', 'noAuth'],
          ),
        ),
      },
      ['gateway', 'hosts', 'rules'],
    ),
  }),
  HorizontalPodAutoscaler: object('autoscaling/v2', 'HorizontalPodAutoscaler', {
    spec: closed(
      {
        scaleTargetRef: closed({ apiVersion: text, kind: text, name: text }, ['apiVersion', 'kind', 'name']),
        minReplicas: { type: 'integer', minimum: 2 },
        maxReplicas: count,
        metrics: listOf(
          closed({
            type: { const: 'ContainerResource' },
            containerResource: closed({
              name: { enum: ['cpu', 'memory'] },
              container: text,
              target: closed({ type: { const: 'Utilization' }, averageUtilization: count }),
            }),
          }),
        ),
      },
      ['scaleTargetRef', 'minReplicas', 'maxReplicas', 'metrics'],
    ),
  }),
  PodDisruptionBudget: object('policy/v1', 'PodDisruptionBudget', {
    spec: closed({ maxUnavailable: count, minAvailable: count, selector }, ['selector']),
  }),
};

const health = {
  'health-check-type': { enum: ['http', 'port', 'process'] },
  'health-check-http-endpoint': text,
  'health-check-invocation-timeout': count,
  'readiness-health-check-type': { enum: ['http', 'port', 'process'] },
  'readiness-health-check-http-endpoint': text,
  'readiness-health-check-invocation-timeout': count,
};
const size = { type: 'string', pattern: '^\\d+[MG]$' };
const plain = { type: ['string', 'number', 'boolean'] };

const manifest = closed(
  {
    applications: listOf(
      closed(
        {
          name: text,
          memory: size,
          disk_quota: size,
          instances: count,
          buildpacks: listOf(text),
          command: text,
          ...health,
          env: { type: 'object', additionalProperties: plain },
          services: listOf(text),
        },
        ['name', 'memory', 'command'],
      ),
    ),
  },
  ['applications'],
);

const mta = closed(
  {
    '_schema-version': { type: 'string', pattern: '^3\\.\\d+$' },
    ID: text,
    version: { type: 'string', pattern: '^\\d+\\.\\d+\\.\\d+$' },
    description: text,
    modules: listOf(
      closed(
        {
          name: text,
          type: { const: 'nodejs' },
          path: text,
          parameters: closed({
            memory: size,
            'disk-quota': size,
            instances: count,
            buildpack: text,
            command: text,
            ...health,
          }),
          'build-parameters': closed({ builder: text, commands: listOf(text), ignore: listOf(text) }),
          properties: { type: 'object', additionalProperties: plain },
          provides: listOf(closed({ name: text, properties: names }, ['name'])),
          requires: listOf(closed({ name: text, parameters: { type: 'object' } }, ['name'])),
        },
        ['name', 'type', 'path'],
      ),
    ),
    resources: listOf(
      closed(
        {
          name: text,
          type: { enum: ['org.cloudfoundry.managed-service', 'org.cloudfoundry.existing-service'] },
          requires: listOf(named),
          parameters: closed({ service: text, 'service-plan': text, config: { type: 'object' } }),
        },
        ['name', 'type'],
      ),
    ),
  },
  ['_schema-version', 'ID', 'version', 'modules', 'resources'],
);

const permission = { enum: ['read', 'write', 'none'] };
const permissions = { type: 'object', additionalProperties: permission };
const step = {
  oneOf: [
    closed({ name: text, uses: text, with: { type: 'object' } }, ['uses']),
    closed({ name: text, run: text, env: names }, ['run']),
  ],
};
const workflow = closed(
  {
    name: text,
    on: { type: 'object' },
    permissions,
    concurrency: { type: 'object' },
    jobs: {
      type: 'object',
      additionalProperties: {
        oneOf: [
          closed({ uses: { type: 'string', pattern: '^\\./' }, permissions, needs: text }, ['uses']),
          closed(
            {
              'runs-on': text,
              'timeout-minutes': count,
              container: text,
              environment: text,
              needs: text,
              permissions,
              steps: listOf(step),
            },
            ['runs-on', 'timeout-minutes', 'steps'],
          ),
        ],
      },
    },
  },
  ['name', 'on', 'permissions', 'jobs'],
);

const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
const compiled = Object.fromEntries(
  Object.entries({ ...kinds, manifest, mta, workflow }).map(([name, schema]) => [name, ajv.compile(schema)]),
);

/** What is wrong with a document, a line each; nothing when it is well. */
export function faultsOf(format: string, document: unknown): readonly string[] {
  const validate = compiled[format];
  if (validate === undefined) return [`nothing is known of ${format}`];
  return validate(document)
    ? []
    : (validate.errors ?? []).map((e) => `${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`);
}
