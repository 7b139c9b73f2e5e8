import { expect, test } from 'vitest'
import { fieldPath } from '../../../../../meta/field-path.ts'
import type { PodSpec } from '../../../../generated/core-v1.ts'
import { validateHostProcess, validateWindowsOptions } from './windows.ts'

const path = fieldPath('spec')
const container = (name: string, hostProcess?: boolean) => ({
  name,
  ...(hostProcess === undefined ? {} : { securityContext: { windowsOptions: { hostProcess } } }),
})
const ALL =
  'spec: Invalid value: "": If pod contains any hostProcess containers then all containers must be HostProcess containers'
const NETWORK =
  'spec.hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any hostProcess containers'
const inherited = { hostNetwork: true, securityContext: { windowsOptions: { hostProcess: true } } }

const pods: readonly [what: string, spec: PodSpec, faults: readonly string[]][] = [
  ['no process of the host', { containers: [container('a'), container('b', false)] }, []],
  ['all of them in its network', { hostNetwork: true, containers: [container('a', true)] }, []],
  ['all of them by inheritance', { ...inherited, containers: [container('a')] }, []],
  ['some of them, outside its network', { containers: [container('a', true), container('b')] }, [ALL, NETWORK]],
  [
    'one that says otherwise than the Pod',
    { ...inherited, containers: [container('a'), container('b', false)] },
    [
      'spec.containers[1].securityContext.windowsOptions.hostProcess: Invalid value: false: pod hostProcess value must be identical if both are specified, was true',
      ALL,
    ],
  ],
]
for (const [what, spec, faults] of pods) {
  test(`a Pod with ${what} has ${faults.length} faults`, () => {
    expect(validateHostProcess(spec, path).map(({ field, message }) => `${field}: ${message}`)).toEqual(faults)
  })
}

const users: readonly [name: string, faults: readonly string[]][] = [
  ['ContainerUser', []],
  ['NT AUTHORITY\\SYSTEM', []],
  ['', ['runAsUserName cannot be an empty string']],
  ['a\\b\\c', ['runAsUserName cannot contain more than one backslash']],
  ['\\b', ["runAsUserName's Domain doesn't match the NetBios nor the DNS format"]],
  ['a\\', ["runAsUserName's User cannot be empty"]],
  ['..', ["runAsUserName's User cannot contain only periods or spaces"]],
  ['x'.repeat(105), ["runAsUserName's User length must not be longer than 104 characters"]],
]
for (const [runAsUserName, faults] of users) {
  test(`the user ${JSON.stringify(runAsUserName.slice(0, 20))} has ${faults.length} faults`, () => {
    const told = validateWindowsOptions({ runAsUserName }, path).map(({ message }) => message)
    expect(told).toEqual(faults.map((fault) => `Invalid value: ${JSON.stringify(runAsUserName)}: ${fault}`))
  })
}
