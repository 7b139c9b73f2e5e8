import { describe, expect, test } from 'vitest'
import { negotiate, NO_TABLE, refusalForm } from './negotiate.ts'

const JSON_TYPE = 'application/json'
const YAML = 'application/yaml'
const PROTOBUF = 'application/vnd.kubernetes.protobuf'
const META = 'g=meta.k8s.io;v=v1'

describe('negotiate()', () => {
  const chosen: [accept: string, id: string][] = [
    [`${JSON_TYPE};q=0.2,${YAML};q=0.9,${PROTOBUF};q=0.95`, 'protobuf'],
    // A quality with space before it is none, and counts as zero.
    [` ${YAML} ;  q=0.3 , ${JSON_TYPE} ; q = 0.2`, 'yaml'],
    [`${YAML};q=x,${JSON_TYPE};q=0.5`, 'json'],
    [`${JSON_TYPE};stream=watch`, 'json'],
    [`${YAML};stream=watch,${PROTOBUF}`, 'protobuf'],
    [`${JSON_TYPE};as=Table;${META}`, 'json:Table:v1'],
    [`${PROTOBUF};as=Table;${META},${JSON_TYPE}`, 'json'],
    [`${JSON_TYPE};as=Table;g=meta.k8s.io,${YAML}`, 'yaml'],
  ]
  test.each(chosen)('%s: %s', (accept, id) => expect(negotiate(accept).id).toBe(id))

  test.each([
    'APPLICATION/YAML',
    `${JSON_TYPE};as=Table;g=meta.k8s.io`,
    `${JSON_TYPE};v=v1`,
    `${JSON_TYPE};${META}`,
    `${JSON_TYPE};stream=other`,
  ])('refuses %s', (accept) => expect(() => negotiate(accept)).toThrow(/only the following media types|Not Acceptable/))

  test('takes metadata alone where there is no table', () => {
    const accept = `${JSON_TYPE};as=Table;${META},${JSON_TYPE};as=PartialObjectMetadata;${META}`
    expect(negotiate(accept, NO_TABLE).id).toBe('json:PartialObjectMetadata:v1')
  })

  test('tells a refusal only as itself', () => {
    expect(refusalForm(`${JSON_TYPE};as=PartialObjectMetadata;${META}`)).toBeUndefined()
    expect(refusalForm(`${JSON_TYPE};v=v1,${YAML}`)?.id).toBe('yaml')
  })
})
