import { describe, expect, test } from 'vitest'
import { readSchedulerConfig } from './read.ts'
import { resolveProfile } from './resolve.ts'
import { HEAD } from './wrong.ts'

const resolved = (plugins: string) => {
  const [profile] = readSchedulerConfig(`${HEAD}profiles:\n- plugins: ${plugins}\n`).profiles
  if (profile === undefined) throw new Error('no profile')
  return resolveProfile(profile)
}
const names = (choices: readonly { readonly name: string }[]) => choices.map(({ name }) => name)
const weights = (choices: readonly { readonly name: string; readonly weight: number }[]) =>
  Object.fromEntries(choices.map(({ name, weight }) => [name, weight]))

describe('resolveProfile()', () => {
  test('the defaults, in their order and with their weights', () => {
    const { filter, score, postFilter, queueSort } = resolved('{}')
    expect(names(filter)).toEqual([
      'NodeUnschedulable',
      'NodeName',
      'TaintToleration',
      'NodeAffinity',
      'NodePorts',
      'NodeResourcesFit',
      'VolumeRestrictions',
      'NodeVolumeLimits',
      'VolumeBinding',
      'VolumeZone',
      'PodTopologySpread',
      'InterPodAffinity',
      'DynamicResources',
      'NodeDeclaredFeatures',
    ])
    expect(weights(score)).toEqual({
      TaintToleration: 3,
      NodeAffinity: 2,
      NodeResourcesFit: 1,
      VolumeBinding: 1,
      PodTopologySpread: 2,
      InterPodAffinity: 2,
      DynamicResources: 2,
      NodeResourcesBalancedAllocation: 1,
      ImageLocality: 1,
    })
    expect([...names(postFilter), ...names(queueSort)]).toEqual([
      'DynamicResources',
      'DefaultPreemption',
      'PrioritySort',
    ])
  })

  test('a point disables one, or all with a star', () => {
    expect(names(resolved('{filter: {disabled: [{name: NodePorts}]}}').filter)).not.toContain('NodePorts')
    expect(names(resolved('{score: {disabled: [{name: "*"}], enabled: [{name: ImageLocality}]}}').score)).toEqual([
      'ImageLocality',
    ])
  })

  test('multiPoint disables a plugin everywhere', () => {
    const { filter, score, preFilter } = resolved('{multiPoint: {disabled: [{name: InterPodAffinity}]}}')
    expect([...names(filter), ...names(score), ...names(preFilter)]).not.toContain('InterPodAffinity')
  })

  test('a weight of the point goes before one of multiPoint, and the plugin then comes first', () => {
    const plugins =
      '{multiPoint: {enabled: [{name: ImageLocality, weight: 7}]}, score: {enabled: [{name: NodeAffinity, weight: 9}]}}'
    const { score } = resolved(plugins)
    expect(names(score)[0]).toBe('NodeAffinity')
    expect(weights(score)).toMatchObject({ NodeAffinity: 9, ImageLocality: 7 })
  })

  test('what multiPoint adds after turning all off is all there is', () => {
    const wanted = ['PrioritySort', 'DefaultBinder', 'NodeName']
    const enabled = wanted.map((name) => `{name: ${name}}`).join()
    const { filter, score, bind } = resolved(`{multiPoint: {disabled: [{name: "*"}], enabled: [${enabled}]}}`)
    expect([names(filter), names(score), names(bind)]).toEqual([['NodeName'], [], ['DefaultBinder']])
  })
})
