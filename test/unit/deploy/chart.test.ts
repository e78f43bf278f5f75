import { describe, expect, test } from 'vitest';
import type { parse } from 'yaml';
import { renderChart } from './render-chart.ts';
import { faultsOf } from './schemas.ts';

/** As the library says of what it has read: anything. */
type Any = ReturnType<typeof parse>;
const render = (values: object = {}): Any[] => [...renderChart({ xsApp: '{}', ...values })] as Any[];
const only = (all: readonly Any[], kind: string): Any => {
  const [found, ...more] = all.filter((one) => one.kind === kind);
  if (found === undefined || more.length > 0) throw new Error(`${more.length + (found ? 1 : 0)} ${kind}s`);
  return found;
};
const kindsOf = (all: readonly Any[]) => all.map((one) => one.kind).sort();

const everything = {
  severalInstances: true,
  env: {
    OIDC_ISSUER: 'https://id.harbour.example',
    SESSION_TIMEOUT: 30,
    PORTUNUS_AUDIT_CLEAR: true,
    MAXIMUM: 5242880,
    CORS: '[{"a": "b\\n""}]"',
  },
  keystores: { secret: 'keys', files: ['harbour.p12', 'quay.pem'] },
  trust: { secret: 'trust' },
  bindings: [
    { name: 'identity', secret: 'identity-binding' },
    { name: 'redis', secret: 'redis-binding' },
  ],
  imagePullSecrets: [{ name: 'registry' }],
};

describe('the chart for Kyma', () => {
  test.each([
    ['as it is', {}, ['APIRule', 'ConfigMap', 'Deployment', 'Service']],
    [
      'with everything',
      everything,
      ['APIRule', 'ConfigMap', 'Deployment', 'HorizontalPodAutoscaler', 'PodDisruptionBudget', 'Service'],
    ],
    [
      'with an image that brings the configuration',
      { configurationInImage: true, xsApp: '' },
      ['APIRule', 'Deployment', 'Service'],
    ],
  ])('%s, makes what Kubernetes and Kyma know', (_, values, kinds) => {
    const all = render(values);
    expect(kindsOf(all)).toEqual(kinds);
    expect(all.flatMap((one) => faultsOf(one.kind, one))).toEqual([]);
  });

  test('a misspelt property would be found', () => {
    const deployment = structuredClone(only(render(), 'Deployment'));
    deployment.spec.template.spec.containers[0].livenesProbe = {};
    expect(faultsOf('Deployment', deployment).join()).toContain('livenesProbe');
  });

  test('refuses to be installed without routes', () => {
    expect(() => render({ xsApp: '' })).toThrow('--set-file xsApp=xs-app.json');
  });

  test('what a file holds arrives to the letter', () => {
    const xsApp = '{\n  "welcomeFile": "/a<b>&\'c\'", "x": "{{ .Values.host }} é \\\\d: #"\n}\n';
    const map = only(render({ xsApp, destinations: '[{"Name":"a"}]' }), 'ConfigMap');
    expect(map.data).toEqual({ 'xs-app.json': xsApp, 'destinations.json': '[{"Name":"a"}]' });
  });

  test('everything finds each other by the same labels', () => {
    const all = render(everything);
    const { labels } = only(all, 'Deployment').spec.template.metadata;
    const selectors = [
      only(all, 'Service').spec.selector,
      only(all, 'Deployment').spec.selector.matchLabels,
      only(all, 'PodDisruptionBudget').spec.selector.matchLabels,
    ];
    for (const selector of selectors) expect(labels).toMatchObject(selector);
    expect(only(all, 'APIRule').spec.service).toEqual({ name: only(all, 'Service').metadata.name, port: 80 });
    expect(only(all, 'HorizontalPodAutoscaler').spec.scaleTargetRef.name).toBe('harbour');
  });

  test('is asked by the platform at our own doors, and has the time that it takes to stop', () => {
    const { spec } = only(render(), 'Deployment').spec.template;
    const [container] = spec.containers;
    expect(container.livenessProbe.httpGet).toEqual({ path: '/-/health/live', port: 'http' });
    expect(container.readinessProbe.httpGet).toEqual({ path: '/-/health/ready', port: 'http' });
    expect(container.ports).toEqual([{ name: 'http', containerPort: 5000 }]);
    const variable = (name: string) => Number(container.env.find((one: Any) => one.name === name).value);
    const needed = variable('PORTUNUS_SHUTDOWN_DELAY') + variable('PORTUNUS_SHUTDOWN_GRACE');
    expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(needed);
    // Endpoints go a moment after SIGTERM; what the probes need to say so is shorter than the delay.
    expect(variable('PORTUNUS_SHUTDOWN_DELAY')).toBeGreaterThan(
      container.readinessProbe.periodSeconds * container.readinessProbe.failureThreshold,
    );
  });

  test('each mount has its volume and each volume is mounted', () => {
    for (const values of [{}, everything, { configurationInImage: true }]) {
      const { spec } = only(render(values), 'Deployment').spec.template;
      const mounts = spec.containers[0].volumeMounts.map((one: Any) => one.name);
      expect(mounts.sort()).toEqual(spec.volumes.map((one: Any) => one.name).sort());
    }
  });

  test('only /tmp can be written to, and bindings stand a folder each below SERVICE_BINDING_ROOT', () => {
    const { spec } = only(render(everything), 'Deployment').spec.template;
    const { volumeMounts, env } = spec.containers[0];
    expect(volumeMounts.filter((one: Any) => !one.readOnly).map((one: Any) => one.mountPath)).toEqual(['/tmp']);
    const root = env.find((one: Any) => one.name === 'SERVICE_BINDING_ROOT').value;
    const paths = volumeMounts.map((one: Any) => one.mountPath);
    expect(paths).toEqual(expect.arrayContaining([`${root}/identity`, `${root}/redis`]));
  });

  test('variables are texts, whatever they are in the values', () => {
    const { env } = only(render(everything), 'Deployment').spec.template.spec.containers[0];
    expect(env).toEqual(
      expect.arrayContaining([
        { name: 'SESSION_TIMEOUT', value: '30' },
        { name: 'PORTUNUS_AUDIT_CLEAR', value: 'true' },
        { name: 'MAXIMUM', value: '5242880' },
        { name: 'CORS', value: everything.env.CORS },
      ]),
    );
  });

  test('one instance where sessions are in its memory; several are counted by the autoscaler alone', () => {
    expect(only(render(), 'Deployment').spec.replicas).toBe(1);
    expect(only(render(everything), 'Deployment').spec.replicas).toBeUndefined();
  });

  test('key stores and the default trust lie where Portunus looks', () => {
    const { spec } = only(render(everything), 'Deployment').spec.template;
    const { sources } = spec.volumes.find((one: Any) => one.name === 'app').projected;
    const paths = sources.flatMap((one: Any) => one.secret?.items ?? []).map((one: Any) => one.path);
    expect(paths).toEqual(['keystores/harbour.p12', 'keystores/quay.pem', '.portunus/trust/key-pairs.json']);
  });
});
