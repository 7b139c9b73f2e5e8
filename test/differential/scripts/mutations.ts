/** Mutating admission policies: what they make of objects, and how they fail. */

import { configMap, deployment, pod } from './objects.ts'
import { type Case, labelled, made, rule, scriptOf, simple } from './policy-cases.ts'
import { at, patch, post, put } from './script.ts'

const apply = (expression: string) => ({ patchType: 'ApplyConfiguration', applyConfiguration: { expression } })
const jsonPatch = (expression: string) => ({ patchType: 'JSONPatch', jsonPatch: { expression } })
const once = { reinvocationPolicy: 'Never' }
const again = { reinvocationPolicy: 'IfNeeded' }
const labels = (name: string) => ({ labels: { case: name } })
const ofPods = { rule: { resourceRules: [rule('pods')] } }
const ofDeployments = { rule: { resourceRules: [rule('deployments', 'CREATE UPDATE', 'apps')] } }

const withFinalizer = (name: string) =>
  configMap(`c-${name}`, { data: { a: '1' } }, { labels: { case: name }, finalizers: ['a.io/one'] })

/** Operations that do not fit the ConfigMap with the key `a` and one finalizer. */
const FAULTY: readonly string[] = [
  'op: "add", path: "/none/x", value: "1"',
  'op: "add", path: "/data/a/b", value: "1"',
  'op: "add", path: "/metadata/finalizers/3", value: "a.io/x"',
  'op: "add", path: "/metadata/finalizers/-3", value: "a.io/x"',
  'op: "add", path: "/metadata/finalizers/x", value: "a.io/x"',
  'op: "add", path: "/metadata/finalizers/0/y", value: "a.io/x"',
  'op: "remove", path: "/none/x"',
  'op: "remove", path: "/metadata/finalizers/1"',
  'op: "remove", path: "/metadata/finalizers/-2"',
  'op: "remove", path: "/metadata/finalizers/-"',
  'op: "remove", path: ""',
  'op: "remove", path: "/data/a~1b~0"',
  'op: "replace", path: "/none/x", value: "1"',
  'op: "replace", path: "/metadata/finalizers/1", value: "a.io/x"',
  'op: "replace", path: "/metadata/finalizers/x", value: "a.io/x"',
  'op: "move", from: "/data/none", path: "/data/x"',
  'op: "move", from: "/none/x", path: "/data/x"',
  'op: "move", from: "/data/a", path: "/none/x"',
  'op: "move", from: "/data", path: "/data/x"',
  'op: "move", from: "/metadata/finalizers/4", path: "/data/x"',
  'op: "move", from: "/data/a", path: "/metadata/finalizers/x"',
  'op: "move", path: "/data/x"',
  'op: "copy", from: "/none/x", path: "/data/x"',
  'op: "copy", from: "/data/a", path: "/none/x"',
  'op: "copy", from: "/metadata/finalizers/4", path: "/data/x"',
  'op: "copy", from: "/data/a", path: "/metadata/finalizers/4"',
  'op: "test", path: "/none/x", value: "1"',
  'op: "test", path: "/metadata/finalizers/4", value: "1"',
  'op: "test", path: "/metadata/finalizers/x", value: "1"',
  'op: "bogus", path: "/data/x"',
]

const cases: readonly Case[] = [
  simple('m-label', { ...once, mutations: [apply('Object{metadata: Object.metadata{labels: {"a": "b"}}}')] }),
  simple('m-data', { ...once, mutations: [apply('Object{data: {"x": object.data.a + "!"}}')] }),
  simple('m-two', {
    ...once,
    mutations: [apply('Object{data: {"x": "1"}}'), apply('Object{data: {"y": object.data.x + "2"}}')],
  }),
  simple('m-unknown-field', { ...once, mutations: [apply('Object{spec: Object.spec{x: 1}}')] }),
  simple('m-wrong-name', { ...once, mutations: [apply('Object{metadata: Object.data{labels: {"a": "b"}}}')] }),
  simple('m-wrong-type', { ...once, mutations: [apply('Object{data: {"x": 1}}')] }),
  simple('m-fails', { ...once, mutations: [apply('Object{data: {"x": object.spec.y}}')] }),
  simple('m-ignored', { ...once, failurePolicy: 'Ignore', mutations: [apply('Object{data: {"x": object.spec.y}}')] }),
  simple('m-condition', {
    ...once,
    matchConditions: [{ name: 'c', expression: 'object.data.a == "2"' }],
    mutations: [apply('Object{data: {"x": "1"}}')],
  }),
  simple('m-condition-fails', {
    ...once,
    matchConditions: [{ name: 'c', expression: 'object.spec.a == "2"' }],
    mutations: [apply('Object{data: {"x": "1"}}')],
  }),
  simple('m-variable', {
    ...once,
    variables: [{ name: 'v', expression: 'object.data.a + "v"' }],
    mutations: [apply('Object{data: {"x": variables.v}}')],
  }),
  simple('m-add', { ...once, mutations: [jsonPatch('[JSONPatch{op: "add", path: "/data/x", value: "y"}]')] }),
  simple('m-escape', {
    ...once,
    mutations: [
      jsonPatch('[JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("example.com/x"), value: "y"}]'),
    ],
  }),
  simple('m-test', {
    ...once,
    mutations: [
      jsonPatch('[JSONPatch{op: "test", path: "/data/a", value: "9"}, JSONPatch{op: "remove", path: "/data/a"}]'),
    ],
  }),
  simple('m-remove-missing', { ...once, mutations: [jsonPatch('[JSONPatch{op: "remove", path: "/data/none"}]')] }),
  simple('m-replace-missing', {
    ...once,
    mutations: [jsonPatch('[JSONPatch{op: "replace", path: "/data/none", value: "1"}]')],
  }),
  ...FAULTY.map((operation, index) =>
    simple(
      `m-faulty-${index}`,
      { ...once, mutations: [jsonPatch(`[JSONPatch{${operation}}]`)] },
      { steps: [post(at('configmaps'), withFinalizer(`m-faulty-${index}`))] },
    ),
  ),
  simple('m-bad-field', { ...once, mutations: [jsonPatch('[JSONPatch{op: "add", path: "/nope", value: "1"}]')] }),
  simple('m-bad-type', { ...once, mutations: [jsonPatch('[JSONPatch{op: "add", path: "/data/x", value: 1}]')] }),
  simple('m-move', { ...once, mutations: [jsonPatch('[JSONPatch{op: "move", from: "/data/a", path: "/data/z"}]')] }),
  simple(
    'm-updates',
    { ...once, mutations: [apply('Object{data: {"n": string(size(object.data))}}')] },
    {
      steps: [
        made('m-updates'),
        put(at('configmaps', 'c-m-updates'), labelled('m-updates', { a: '1', b: '2' })),
        patch(at('configmaps', 'c-m-updates'), { data: { c: '3' } }),
      ],
    },
  ),
  simple(
    'm-param',
    {
      ...once,
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      mutations: [apply('Object{data: {"x": params.data.a}}')],
    },
    { binding: { paramRef: { name: 'p1', parameterNotFoundAction: 'Deny' } } },
  ),
  simple(
    'm-param-missing',
    {
      ...once,
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      mutations: [apply('Object{data: {"x": params.data.a}}')],
    },
    { binding: { paramRef: { name: 'none', parameterNotFoundAction: 'Deny' } } },
  ),
  simple(
    'm-param-unknown',
    {
      ...once,
      paramKind: { apiVersion: 'nope.io/v1', kind: 'X' },
      mutations: [apply('Object{data: {"x": params.data.a}}')],
    },
    { binding: { paramRef: { name: 'none', parameterNotFoundAction: 'Deny' } } },
  ),
  simple(
    'm-sidecar',
    {
      ...once,
      mutations: [
        apply('Object{spec: Object.spec{containers: [Object.spec.containers{name: "side", image: "busybox"}]}}'),
      ],
    },
    { ...ofPods, steps: [post(at('pods'), pod('m1', {}, labels('m-sidecar')))] },
  ),
  simple(
    'm-container',
    {
      ...once,
      mutations: [
        apply(
          'Object{spec: Object.spec{containers: object.spec.containers.map(c, Object.spec.containers{name: c.name, imagePullPolicy: "Never"})}}',
        ),
      ],
    },
    { ...ofPods, steps: [post(at('pods'), pod('m2', {}, labels('m-container')))] },
  ),
  simple(
    'm-atomic',
    {
      ...once,
      mutations: [apply('Object{spec: Object.spec{selector: Object.spec.selector{matchLabels: {"a": "b"}}}}')],
    },
    { ...ofDeployments, steps: [post(at('deployments'), deployment('m3', {}, labels('m-atomic')))] },
  ),
  simple(
    'm-replicas',
    { ...once, mutations: [apply('Object{spec: Object.spec{replicas: 3}}')] },
    {
      ...ofDeployments,
      steps: [post(at('deployments'), deployment('m4', {}, labels('m-replicas')))],
    },
  ),
  simple(
    'm-default',
    {
      ...once,
      mutations: [
        jsonPatch(
          '[JSONPatch{op: "add", path: "/spec/containers/-", value: Object.spec.containers{name: "z", image: "busybox"}}]',
        ),
      ],
    },
    { ...ofPods, steps: [post(at('pods'), pod('m5', {}, labels('m-default')))] },
  ),
  simple(
    'm-invalid',
    { ...once, mutations: [apply('Object{spec: Object.spec{restartPolicy: "Sometimes"}}')] },
    {
      ...ofPods,
      steps: [post(at('pods'), pod('m6', {}, labels('m-invalid')))],
    },
  ),
  simple('m-again', { ...again, mutations: [apply('Object{data: {"n": string(size(object.data))}}')] }),
  simple('m-self', {
    ...again,
    mutations: [jsonPatch('[JSONPatch{op: "add", path: "/data/k" + string(size(object.data)), value: "x"}]')],
  }),
  simple(
    'm-scale',
    { ...once, mutations: [apply('Object{spec: Object.spec{replicas: 1}}')] },
    {
      rule: { objectSelector: {}, resourceRules: [rule('deployments/scale', 'UPDATE', 'apps')] },
      steps: [
        post(at('deployments'), deployment('m7')),
        patch(`${at('deployments', 'm7')}/scale`, { spec: { replicas: 5 } }),
      ],
    },
  ),
]

export const mutationScripts = [scriptOf('mutations/all', 'Mutating', cases)]
