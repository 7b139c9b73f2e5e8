import { describe, expect, test } from 'vitest'

import type { Service } from '../../api/generated/core-v1.ts'
import { aContainer, aPod } from '../pods/fixtures.ts'
import { environmentOf, type EnvironmentSources } from './environment.ts'
import { expand } from './expand.ts'
import { serviceVariables } from './service-variables.ts'

describe('expand()', () => {
  const cases = [
    ['$(X)', 'val'],
    ['a-$(X)-b', 'a-val-b'],
    ['$$(X)', '$(X)'],
    ['$(NOPE)', '$(NOPE)'],
    ['$(X', '$(X'],
    ['$$$$', '$$'],
    ['$', '$'],
    ['a$b', 'a$b'],
    ['$(X)$(X)', 'valval'],
    ['$$$(X)', '$val'],
  ] as const
  for (const [text, wanted] of cases) {
    test(`makes ${wanted} of ${text}`, () => {
      expect(expand(text, (name) => (name === 'X' ? 'val' : undefined))).toBe(wanted)
    })
  }
})

const sources = (more: Partial<EnvironmentSources> = {}): EnvironmentSources => ({
  configMap: async () => undefined,
  secret: async () => undefined,
  file: async () => undefined,
  services: [],
  node: { nodeName: 'n1', hostIps: ['192.0.2.1'], podIps: ['10.244.0.5'], allocatable: {} },
  ...more,
})

describe('environmentOf()', () => {
  test('lets a variable refer to earlier ones only', async () => {
    const env = [
      { name: 'EARLY', value: '<$(X)>' },
      { name: 'X', value: 'val' },
      { name: 'LATE', value: '<$(X)>' },
    ]
    const variables = await environmentOf(aPod(), aContainer('app', { env }), sources())
    expect(Object.fromEntries(variables)).toEqual({ EARLY: '<$(X)>', X: 'val', LATE: '<val>' })
  })

  test('says which key of which Secret is missing', async () => {
    const env = [{ name: 'K', valueFrom: { secretKeyRef: { name: 'creds', key: 'password' } } }]
    const secret = async () => ({ metadata: {}, data: { user: 'bWU=' } })
    await expect(environmentOf(aPod(), aContainer('app', { env }), sources({ secret }))).rejects.toThrow(
      "couldn't find key password in Secret default/creds",
    )
  })

  test('leaves out what is optional and absent', async () => {
    const env = [{ name: 'K', valueFrom: { configMapKeyRef: { name: 'gone', key: 'k', optional: true } } }]
    const variables = await environmentOf(aPod(), aContainer('app', { env }), sources())
    expect(variables.has('K')).toBe(false)
  })

  describe('a variable from a file', () => {
    const from = (optional: boolean) => [
      { name: 'K', valueFrom: { fileKeyRef: { volumeName: 'data', path: 'env', key: 'KEY', optional } } },
    ]
    const cases = [
      { when: 'the file has it', text: "KEY='x'", optional: false, is: 'x' },
      { when: 'the file lacks it and it may', text: "A='x'", optional: true, is: undefined },
      { when: 'the file has it empty and it may', text: "KEY=''", optional: true, is: undefined },
    ]
    for (const { when, text, optional, is } of cases) {
      test(`is ${is} when ${when}`, async () => {
        const container = aContainer('app', { env: from(optional) })
        expect((await environmentOf(aPod(), container, sources({ file: async () => text }))).get('K')).toBe(is)
      })
    }
    const faults = [
      { text: "A='x'", optional: false, says: 'environment variable key "KEY" not found in file "env"' },
      { text: "KEY=''", optional: false, says: 'environment variable key "KEY" not found in file "env"' },
      { text: undefined, optional: false, says: "couldn't parse env file" },
      { text: undefined, optional: true, says: "couldn't parse env file" },
      { text: 'KEY=x', optional: true, says: "couldn't parse env file" },
    ]
    for (const { text, optional, says } of faults) {
      test(`is refused when the file is ${JSON.stringify(text)}, optional or not (${optional})`, async () => {
        const container = aContainer('app', { env: from(optional) })
        await expect(environmentOf(aPod(), container, sources({ file: async () => text }))).rejects.toThrow(says)
      })
    }
  })

  test('takes no value from the prototype of an object', async () => {
    const env = [{ name: 'K', valueFrom: { configMapKeyRef: { name: 'conf', key: 'constructor' } } }]
    const configMap = async () => ({ metadata: {}, data: {} })
    await expect(environmentOf(aPod(), aContainer('app', { env }), sources({ configMap }))).rejects.toThrow(
      "couldn't find key constructor",
    )
  })
})

describe('serviceVariables()', () => {
  test('tells the address and the ports of a Service', () => {
    const service: Service = {
      metadata: { name: 'my-db', namespace: 'default' },
      spec: { clusterIP: '10.96.0.7', ports: [{ name: 'sql', port: 5432 }] },
    }
    expect(Object.fromEntries(serviceVariables([service]))).toEqual({
      MY_DB_SERVICE_HOST: '10.96.0.7',
      MY_DB_SERVICE_PORT: '5432',
      MY_DB_SERVICE_PORT_SQL: '5432',
      MY_DB_PORT: 'tcp://10.96.0.7:5432',
      MY_DB_PORT_5432_TCP: 'tcp://10.96.0.7:5432',
      MY_DB_PORT_5432_TCP_PROTO: 'tcp',
      MY_DB_PORT_5432_TCP_PORT: '5432',
      MY_DB_PORT_5432_TCP_ADDR: '10.96.0.7',
    })
  })
})
