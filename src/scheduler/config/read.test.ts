import { describe, expect, test } from 'vitest'
import { readSchedulerConfig } from './read.ts'
import { HEAD, refusal, type Wrong } from './wrong.ts'

const wrong: readonly Wrong[] = [
  {
    when: 'fields are unknown',
    text:
      HEAD +
      `profiles:
- schedulerName: a
  foo: 1
bar: 2
`,
    says: 'strict decoding error: unknown field "bar", unknown field "profiles[0].foo"',
  },
  {
    when: 'the kind is missing',
    text: `apiVersion: kubescheduler.config.k8s.io/v1
`,
    says: `Object 'Kind' is missing in 'apiVersion: kubescheduler.config.k8s.io/v1
'`,
  },
  {
    when: 'the version is gone',
    text: `apiVersion: kubescheduler.config.k8s.io/v1beta3
kind: KubeSchedulerConfiguration
`,
    says: 'no kind "KubeSchedulerConfiguration" is registered for version "kubescheduler.config.k8s.io/v1beta3" in scheme "pkg/runtime/scheme.go:111"',
  },
  {
    when: 'it is of another kind',
    text: `apiVersion: kubescheduler.config.k8s.io/v1
kind: NodeAffinityArgs
`,
    says: `couldn't decode as KubeSchedulerConfiguration, got kubescheduler.config.k8s.io/v1, Kind=NodeAffinityArgs: `,
  },
  {
    when: 'a number is a text',
    text:
      HEAD +
      `parallelism: many
`,
    says: 'json: cannot unmarshal string into Go struct field KubeSchedulerConfiguration.parallelism of type int32',
  },
  {
    when: 'a number of a profile is a text',
    text:
      HEAD +
      `profiles:
- percentageOfNodesToScore: x
`,
    says: 'json: cannot unmarshal string into Go struct field KubeSchedulerProfile.profiles.percentageOfNodesToScore of type int32',
  },
  {
    when: 'arguments have an unknown field',
    text:
      HEAD +
      `profiles:
- pluginConfig:
  - name: NodeResourcesFit
    args: {foo: 1}
`,
    says: 'strict decoding error: decoding .profiles[0].pluginConfig[0]: strict decoding error: decoding args for plugin NodeResourcesFit: strict decoding error: unknown field "foo"',
  },
  {
    when: 'fields are unknown in several places',
    text:
      HEAD +
      `profiles:
- foo: 1
  pluginConfig:
  - name: NodeResourcesFit
    args: {foo: 1}
  - name: VolumeBinding
    args: {bar: 1}
`,
    says: 'strict decoding error: unknown field "profiles[0].foo", decoding .profiles[0].pluginConfig[0]: strict decoding error: decoding args for plugin NodeResourcesFit: strict decoding error: unknown field "foo", decoding .profiles[0].pluginConfig[1]: strict decoding error: decoding args for plugin VolumeBinding: strict decoding error: unknown field "bar"',
  },
  {
    when: 'arguments are of another kind',
    text:
      HEAD +
      `profiles:
- pluginConfig:
  - name: NodeResourcesFit
    args: {kind: NodeAffinityArgs, apiVersion: kubescheduler.config.k8s.io/v1}
`,
    says: 'decoding .profiles[0].pluginConfig[0]: args for plugin NodeResourcesFit were not of type NodeResourcesFitArgs.kubescheduler.config.k8s.io, got NodeAffinityArgs.kubescheduler.config.k8s.io',
  },
  {
    when: 'an argument has the wrong type',
    text:
      HEAD +
      `profiles:
- pluginConfig:
  - name: VolumeBinding
    args: {bindTimeoutSeconds: x}
`,
    says: 'decoding .profiles[0].pluginConfig[0]: decoding args for plugin VolumeBinding: json: cannot unmarshal string into Go struct field VolumeBindingArgs.bindTimeoutSeconds of type int64',
  },
  {
    when: 'a duration is none',
    text:
      HEAD +
      `leaderElection: {leaseDuration: 1x}
`,
    says: 'time: unknown unit "x" in duration "1x"',
  },
  {
    when: 'it is no object',
    text: 'hello',
    says: `couldn't get version/kind; json parse error: json: cannot unmarshal string into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
  },
  {
    when: 'it is empty',
    text: '',
    says: `Object 'Kind' is missing in ''`,
  },
]

describe('readSchedulerConfig()', () => {
  for (const { when, text, says } of wrong) test(`refuses one where ${when}`, () => expect(refusal(text)).toBe(says))

  test('a key that is given twice is refused', () =>
    expect(refusal(`${HEAD}parallelism: 1\nparallelism: 2\n`)).toBe(
      'strict decoding error: duplicate field "parallelism"',
    ))

  test('without anything said all is as by default', () => {
    const config = readSchedulerConfig(HEAD)
    expect(config).toMatchObject({
      parallelism: 16,
      percentageOfNodesToScore: 0,
      podInitialBackoffSeconds: 1,
      podMaxBackoffSeconds: 10,
      extenders: [],
    })
    expect(config.profiles.map(({ schedulerName }) => schedulerName)).toEqual(['default-scheduler'])
  })

  test('resources that an extender looks after are ignored', () => {
    const extender = `extenders:\n- urlPrefix: http://x\n  managedResources: [{name: example.com/gpu, ignoredByScheduler: true}]\n`
    const [profile] = readSchedulerConfig(HEAD + extender).profiles
    expect(profile?.args.NodeResourcesFit.ignoredResources).toEqual(['example.com/gpu'])
  })
})
