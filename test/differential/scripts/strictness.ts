/** Field validation of every content type and patch, and names that are generated. */

import { configMap, deployment, of, pod, service } from './objects.ts'
import { apply, at, get, jsonPatch, patch, post, put, script, type Step, strategic } from './script.ts'

const maps = at('configmaps')
const map = (name: string) => at('configmaps', name)
const YAML = 'application/yaml'
const d = at('deployments', 'd')
const FORMS = ['', 'Ignore', 'Warn', 'Strict', 'strict', 'Bogus']
const asking = (path: string, form: string) => `${path}?dryRun=All${form === '' ? '' : `&fieldValidation=${form}`}`
const doubledJson =
  '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"n"},"data":{"a":"1","a":"2"},"x":1,"x":2}'
const doubledYaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: n}\nx: 1\ndata: {a: "1"}\n'
const wrongCase = '{"apiVersion":"v1","Kind":"ConfigMap","Metadata":{"Name":"n"},"data":{"a":"1"}}'
const container = { name: 'c', image: 'i', bogus: 1, env: [{ name: 'A', vlaue: '1' }] }

const ofForm = (form: string): Step[] => [
  post(asking(maps, form), undefined, { raw: doubledJson }),
  post(asking(maps, form), undefined, { raw: doubledYaml, type: YAML }),
  post(asking(maps, form), undefined, { raw: wrongCase }),
  post(asking(maps, form), undefined, { raw: `${wrongCase} ` }),
  put(asking(map('a'), form), undefined, { raw: doubledJson.replace('"n"', '"a"') }),
  put(asking(map('a'), form), undefined, { raw: doubledYaml.replace('name: n', 'name: a'), type: YAML }),
  patch(asking(map('a'), form), undefined, { raw: '{"data":{"a":"1","a":"2"},"x":1}' }),
  strategic(asking(map('a'), form), undefined, { raw: '{"data":{"a":"1","a":"2"},"x":1}' }),
  jsonPatch(asking(map('a'), form), undefined, { raw: '[{"op":"add","path":"/x","value":1,"value":2}]' }),
  jsonPatch(asking(map('a'), form), [{ op: 'add', path: '/metadata/bogus', value: 1, extra: 1 }]),
  apply(`${asking(map('a'), form)}&fieldManager=m`, undefined, { raw: doubledYaml.replace('name: n', 'name: a') }),
  apply(`${asking(map('a'), form)}&fieldManager=m`, configMap('a', { bogus: 1 })),
  strategic(asking(d, form), { spec: { template: { spec: { containers: [container] } } } }),
  patch(asking(`${d}/status`, form), { status: { bogus: 1, replicas: 1 } }),
  apply(
    `${asking(d, form)}&fieldManager=m`,
    of('apps/v1', 'Deployment', 'd', { spec: { template: { spec: { containers: [container] } } } }),
  ),
  post(asking(maps, form), configMap('p', { data: { a: '1' } }), { isProtobuf: true }),
]

const generated = (generateName: string, more: object = {}) => ({ metadata: { generateName, ...more } })

export const strictnessScripts = [
  ...FORMS.map((form) =>
    script(
      `strictness/${form === '' ? 'none' : form}`,
      post(maps, configMap('a', { data: { z: '1' } })),
      post(at('deployments'), deployment('d')),
      ...ofForm(form),
    ),
  ),
  script(
    'strictness/generated names',
    post(maps, generated('a-', { name: 'own' })),
    get(map('own')),
    post(maps, generated('')),
    ...['UPPER-', 'a b', '-x', 'x_', '..', 'a..b', 'a/b', '%41'].map((prefix) =>
      post(maps, generated(prefix), { unread: true }),
    ),
    ...[57, 58, 59, 63, 200, 248, 249, 253, 300].map((length) =>
      post(maps, generated('a'.repeat(length)), { unread: true }),
    ),
    ...[57, 58, 59, 63, 70].map((length) =>
      post(at('services'), { ...service(''), ...generated('a'.repeat(length)) }, { unread: true }),
    ),
    ...[57, 58, 63].map((length) =>
      post(at('pods'), { ...pod(''), ...generated('a'.repeat(length)) }, { unread: true }),
    ),
    post('/api/v1/namespaces?dryRun=All', { metadata: { generateName: 'a'.repeat(80) } }, { unread: true }),
    put(map('none'), generated('a-')),
    apply(`${map('gen')}?fieldManager=m`, configMap('gen', {}, { generateName: 'gen-' })),
    post(`${maps}?dryRun=All`, generated('a-'), { unread: true }),
    post(maps, { metadata: { generateName: 5 } }),
    patch(map('own'), { metadata: { generateName: 'other-' } }),
    patch(map('own'), { metadata: { name: 'other' } }),
    get(map('own')),
  ),
]
