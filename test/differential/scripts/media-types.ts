/** Requests and answers in YAML and protobuf, refusals included (https://kubernetes.io/docs/reference/using-api/api-concepts/#alternate-representations-of-resources). */

import { configMap } from './objects.ts'
import { at, get, patch, post, put, remove, script, type Step } from './script.ts'

const YAML = 'application/yaml'
const PROTOBUF = 'application/vnd.kubernetes.protobuf'
const as = (type: string, form: string) => `${type};as=${form};g=meta.k8s.io;v=v1`

/** A field of a message, all of whose lengths are small. */
const field = (number: number, content: string) =>
  String.fromCharCode((number << 3) | 2, Buffer.byteLength(content)) + content

/** An object in the envelope of its kind. */
const enveloped = (apiVersion: string, kind: string, message: string) =>
  `k8s\0${field(1, field(1, apiVersion) + field(2, kind))}${field(2, message)}`

/** A ConfigMap with one key. */
const mapMessage = (name: string, value: string) => field(1, field(1, name)) + field(2, field(1, 'a') + field(2, value))

const refused = (accept: string): readonly Step[] => [
  get(at('configmaps', 'none'), { accept }),
  get('/api/v1/nothings', { accept }),
  get('/api/v1/nodes/a/b', { accept }),
  get('/apis/apps/v9/x', { accept }),
  get('/apis/nope/v1/x', { accept }),
  get('/api/v1/nodes?limit=x', { accept }),
  remove(at('configmaps', 'none'), { accept }),
  { method: 'POST', path: at('configmaps'), raw: '{bad', accept },
  post(at('configmaps'), configMap('Bad_Name'), { accept }),
]

/** A manifest with one thing wrong, as people write them. */
const BROKEN: readonly string[] = [
  'metadata:\n\tname: a\n',
  'kind: ConfigMap\n metadata: {}\n',
  'metadata:\n  name: a\n namespace: b\n',
  'metadata:\n  name: a\n   labels: {}\n',
  'metadata:\n  name: "a\n  labels: {}\n',
  "metadata:\n  name: 'a\n",
  'metadata: {name: a\ndata: {}\n',
  'data: {a: [1, 2}\n',
  'data:\n  a: b: c\n',
  'data:\n  a: {{ .Values.a }}\n',
  'data:\n  {{ toYaml .Values }}\n',
  '{{- if x }}\na: 1\n{{- end }}\n',
  'data: *nobody\n',
  'data:\n  a: "\\d"\n',
  'data:\n  a: "\\u12"\n',
  'data:\n  a: @b\n',
  'data:\n  a: `b`\n',
  'data:\n  a: %b\n',
  'data:\n  - a\n  b: c\n',
  'metadata:\n  name: a\nsome words\ndata: {}\n',
  'data:\n  a: "b" c\n',
  'data:\n  a: |x\n    b\n',
  'data:\n  a: |\n\tb\n',
  'data:\n  a: \u0001\n',
  'data:\n  a: -\n',
  'data:\n  : x\n  - y\n',
  '? [a]\n: b\n',
  ']',
  'metadata:\n  name: a\n\t\n',
  'data:\n  : a\n',
  'data:\n  ~: b\n',
  'data:\n  null: [1, c]\n',
  'data:\n  <<: b\n',
  'data:\n  <<: [b]\n',
  'data: !!#\n',
  '...\n',
  '%YAML 1.2\n---\na: 1\n',
  '# c\n\n%YAML 1.2\n---\na: 1\n',
  '%YAML 1\n---\na: 1\n',
  '%YAML 1.1 x\n---\na: 1\n',
  '%YAML 1.1\n%YAML 1.2\n---\na: 1\n',
]

export const mediaTypeScripts = [
  ...[
    YAML,
    PROTOBUF,
    as(YAML, 'Table'),
    as(PROTOBUF, 'PartialObjectMetadata'),
    `${as(PROTOBUF, 'PartialObjectMetadata')},${YAML}`,
    'application/json;q=0.1,application/yaml',
    'application/cbor',
  ].map((accept) => script(`media types/refusals to ${accept}`, ...refused(accept))),
  script(
    'media types/bodies in protobuf',
    { method: 'POST', path: at('configmaps'), raw: enveloped('v1', 'ConfigMap', mapMessage('p', 'b')), type: PROTOBUF },
    get(at('configmaps', 'p')),
    {
      method: 'PUT',
      path: at('configmaps', 'p'),
      raw: enveloped('v1', 'ConfigMap', mapMessage('p', 'c')),
      type: PROTOBUF,
    },
    get(at('configmaps', 'p'), { accept: YAML }),
    get(at('configmaps', 'p'), { accept: PROTOBUF, unread: true }),
    get(at('configmaps'), { accept: PROTOBUF, unread: true }),
    get(at('configmaps'), { accept: as(PROTOBUF, 'PartialObjectMetadataList'), unread: true }),
    get(at('configmaps'), { accept: as(PROTOBUF, 'Table') }),
    get(`${at('configmaps')}?watch=1&timeoutSeconds=1`, { accept: PROTOBUF, unread: true }),
    {
      method: 'DELETE',
      path: at('configmaps', 'p'),
      raw: enveloped('v1', 'DeleteOptions', field(4, 'Background')),
      type: PROTOBUF,
    },
    get(at('configmaps', 'p')),
  ),
  script(
    'media types/bodies that are not what they are said to be',
    ...[
      ['', PROTOBUF],
      ['k8s\0', PROTOBUF],
      ['{}', PROTOBUF],
      [enveloped('v1', 'ConfigMap', mapMessage('q', 'b')).slice(0, -2), PROTOBUF],
      [enveloped('v1', 'Secret', mapMessage('q', 'b')), PROTOBUF],
      [enveloped('v1', 'ConfigMap', mapMessage('q', 'b')), 'application/json'],
      [enveloped('v1', 'ConfigMap', mapMessage('q', 'b')), YAML],
    ].map(([raw = '', type = '']): Step => ({ method: 'POST', path: at('configmaps'), raw, type })),
    put(at('configmaps', 'q'), configMap('q'), { type: 'application/cbor' }),
  ),
  script(
    'media types/broken YAML',
    ...BROKEN.flatMap((raw): Step[] => [
      { method: 'POST', path: at('configmaps'), raw, type: YAML },
      patch(`${at('configmaps', 'y')}?fieldManager=m`, undefined, { raw, type: 'application/apply-patch+yaml' }),
    ]),
  ),
]
