/** Patches of every sort, with faults; strict and warning decoding. */

import { configMap, deployment, of, pod } from './objects.ts'
import { apply, at, get, jsonPatch, patch, post, put, script, strategic } from './script.ts'

const map = at('configmaps', 'a')
const d = at('deployments', 'd')
const TWICE = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"x":"1","x":"2"},"bogus":1}'

export const patchScripts = [
  script(
    'patch/types-and-bodies',
    post(at('configmaps'), configMap('a', { data: { x: '1' } })),
    patch(map, { data: { x: '2' } }, { type: 'application/json' }),
    patch(map, { data: { x: '2' } }, { type: 'text/plain' }),
    patch(map, { data: { x: '2' } }, { type: '' }),
    patch(map, { data: { x: '2' } }, { type: 'application/merge-patch+json; charset=utf-8' }),
    patch(map, { data: { x: '2' } }, { type: 'application/merge-patch+yaml' }),
    patch(map, undefined, { raw: '' }),
    patch(map, undefined, { raw: '{' }),
    patch(map, undefined, { raw: '[]' }),
    patch(map, undefined, { raw: '"x"' }),
    patch(map, undefined, { raw: 'null' }),
    patch(map, undefined, { raw: '{"data":{"x":1}}' }),
    patch(map, undefined, { raw: '{"data":[]}' }),
    patch(map, undefined, { raw: '{"metadata":null}' }),
    patch(map, undefined, { raw: '{"metadata":{"name":null}}' }),
    patch(map, undefined, { raw: '{"metadata":{"name":"b"}}' }),
    patch(map, undefined, { raw: '{"metadata":{"namespace":"b"}}' }),
    patch(map, undefined, { raw: '{"metadata":{"uid":"b"}}' }),
    patch(map, undefined, { raw: '{"metadata":{"resourceVersion":"1"}}' }),
    patch(map, undefined, { raw: '{"metadata":{"resourceVersion":"abc"}}' }),
    patch(map, undefined, { raw: '{"metadata":{"resourceVersion":null}}' }),
    patch(map, undefined, { raw: '{"metadata":{"creationTimestamp":"2020-01-01T00:00:00Z","generation":7}}' }),
    patch(map, undefined, { raw: '{"metadata":{"labels":{"Bad Key":"x"}}}' }),
    patch(map, undefined, { raw: '{"kind":"Secret"}' }),
    patch(map, undefined, { raw: '{"kind":null}' }),
    patch(map, undefined, { raw: '{"apiVersion":"v2"}' }),
    patch(map, undefined, { raw: '{"apiVersion":"apps/v1"}' }),
    patch(at('configmaps', 'nope'), { data: {} }),
    patch(at('configmaps'), { data: {} }),
    strategic(map, undefined, { raw: '[]' }),
    strategic(map, undefined, { raw: '{' }),
    strategic(map, undefined, { raw: '{"$patch":"bogus"}' }),
    strategic(map, undefined, { raw: '{"$patch":"delete"}' }),
    strategic(map, undefined, { raw: '{"data":{"$patch":"replace","q":"1"}}' }),
    strategic(map, undefined, { raw: '{"data":{"$retainKeys":["q"],"z":"1"}}' }),
    strategic(map, undefined, { raw: '{"data":"x"}' }),
    strategic(map, undefined, { raw: '{"bogus":{"a":1}}' }),
  ),
  script(
    'patch/json-faults',
    post(at('configmaps'), configMap('a', { data: { x: '1' } })),
    ...[
      '{}',
      'x',
      '[{}]',
      '[{"op":"bogus","path":"/data"}]',
      '[{"op":"add"}]',
      '[{"op":"add","path":"data"}]',
      '[{"op":"add","path":"/data/y"}]',
      '[{"op":"remove","path":"/data/nope"}]',
      '[{"op":"replace","path":"/nope","value":1}]',
      '[{"op":"test","path":"/data/x","value":"2"}]',
      '[{"op":"test","path":"/nope","value":null}]',
      '[{"op":"copy","from":"/nope","path":"/data/z"}]',
      '[{"op":"move","from":"/data/x","path":"/data/w"}]',
      '[{"op":"move","path":"/data/w"}]',
      '[{"op":"remove","path":""}]',
      '[{"op":"replace","path":"","value":{}}]',
      '[{"op":"add","path":"/metadata/finalizers/0","value":"a.io/x"}]',
      '[{"op":"add","path":"/metadata/finalizers","value":["a.io/x"]}]',
      '[{"op":"add","path":"/metadata/finalizers/5","value":"a.io/y"}]',
      '[{"op":"add","path":"/metadata/finalizers/-","value":"a.io/y"}]',
      '[{"op":"remove","path":"/metadata/finalizers/-"}]',
      '[{"op":"remove","path":"/metadata/finalizers/-1"}]',
      '[{"op":"remove","path":"/metadata/finalizers/x"}]',
      '[{"op":"remove","path":"/metadata/finalizers/01"}]',
      '[{"op":"add","path":"/data","value":7}]',
      '[{"op":"add","path":"/bogus","value":7}]',
      '[]',
      'null',
      '[{"op":"add","path":"/data/a~1b~0c","value":"v"}]',
      '[{"op":"replace","path":"/metadata/name","value":"zz"}]',
    ].map((raw) => jsonPatch(map, undefined, { raw })),
    jsonPatch(map, undefined, {
      raw: `[${Array.from({ length: 10_001 }, () => '{"op":"test","path":"/kind","value":"ConfigMap"}').join(',')}]`,
    }),
  ),
  script(
    'patch/strategic-lists',
    post(at('deployments'), deployment('d')),
    ...[
      { spec: { template: { spec: { containers: [{ name: 'c', image: 'new' }] } } } },
      { spec: { template: { spec: { containers: [{ image: 'new' }] } } } },
      { spec: { template: { spec: { containers: [{ name: 'c', $patch: 'delete' }] } } } },
      { spec: { template: { spec: { containers: [{ $patch: 'replace' }, { name: 'z', image: 'z' }] } } } },
      { spec: { template: { spec: { containers: [{ name: 'y', image: 'y' }], $setElementOrder: 1 } } } },
      { spec: { template: { spec: { '$setElementOrder/containers': [{ name: 'y' }, { name: 'z' }] } } } },
      {
        spec: {
          template: {
            spec: { '$setElementOrder/containers': [{ name: 'z' }], containers: [{ name: 'y', image: 'q' }] },
          },
        },
      },
      { spec: { template: { spec: { containers: 'x' } } } },
      { spec: { template: { spec: { containers: [{ name: 'z', $patch: 'bogus' }] } } } },
      { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } },
      { spec: { strategy: { type: 'Bogus' } } },
      { spec: { replicas: 'x' } },
      { metadata: { '$deleteFromPrimitiveList/finalizers': ['x'] } },
      { spec: { template: { spec: { tolerations: [{ key: 'a' }] } } } },
      { spec: { template: { spec: { tolerations: [{ key: 'b', operator: 'Exists' }] } } } },
      { spec: null },
      { spec: { selector: { matchLabels: { app: 'b' } } } },
    ].map((body) => strategic(d, body)),
    get(d),
  ),
  ...['Strict', 'Warn', 'Ignore', 'Bogus', ''].map((level) =>
    script(
      `validation/${level}`,
      post(`${at('configmaps')}?fieldValidation=${level}`, undefined, { raw: TWICE }),
      post(`${at('configmaps')}?fieldValidation=${level}`, undefined, {
        raw: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: y, bogus: 1}\ndata: {x: "1", x: "2"}\n',
        type: 'application/yaml',
      }),
      post(`${at('configmaps')}?fieldValidation=${level}`, undefined, {
        raw: '{"metadata":{"name":"n"},"Data":{"x":"1"}}',
      }),
      put(`${map}?fieldValidation=${level}`, undefined, { raw: TWICE }),
      patch(`${map}?fieldValidation=${level}`, undefined, {
        raw: '{"bogus":1,"data":{"q":"1","q":"2"},"metadata":{"foo":1}}',
      }),
      strategic(`${map}?fieldValidation=${level}`, undefined, { raw: '{"bogus":1,"data":{"q":"1","q":"2"}}' }),
      jsonPatch(`${map}?fieldValidation=${level}`, undefined, {
        raw: '[{"op":"add","path":"/bogus","value":1,"value":2},{"op":"add","path":"/data/k","value":"v","foo":1}]',
      }),
      apply(`${map}?fieldManager=m&force=true&fieldValidation=${level}`, undefined, { raw: TWICE }),
      post(
        `${at('pods')}?dryRun=All&fieldValidation=${level}`,
        pod(
          'p',
          { bogus: 1, containers: [{ name: 'c', image: 'i', bogus: 1, ports: [{ bogus: 1 }] }] },
          { bogus: { a: 1 } },
        ),
      ),
      post(
        `${at('pods')}?dryRun=All&fieldValidation=${level}`,
        of('v1', 'Pod', 'p', { Spec: { containers: [{ name: 'c', image: 'i' }] }, status: { bogus: 1 } }),
      ),
      post(
        `${at('deployments')}?dryRun=All&fieldValidation=${level}`,
        deployment('d', {
          template: {
            metadata: { labels: { app: 'a' }, creationTimestamp: null },
            spec: { containers: [{ name: 'c', image: 'i', Env: [] }] },
          },
        }),
      ),
      { method: 'DELETE', path: `${map}?fieldValidation=${level}` },
    ),
  ),
]
