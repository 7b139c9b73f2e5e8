/** What Pods say of themselves as a whole, beside what LimitRanges give their containers. */

import { at, post, put, remove, script } from './script.ts'

const asking = (name: string, resources: object = {}) => ({ name, image: 'i', resources })
const pod = (name: string, resources: object, containers: object[], more: object = {}) =>
  post(at('pods'), { metadata: { name }, spec: { containers, resources, ...more } })
const two = [asking('a'), asking('b')]
const some = [asking('a', { limits: { cpu: '100m' } }), asking('b')]
const PAGES = 'hugepages-2Mi'

const pods = [
  pod('a', { limits: { cpu: '3' } }, [asking('a')]),
  pod('b', { limits: { cpu: '3', memory: '9Gi' } }, two),
  pod('c', { requests: { memory: '1Gi' }, limits: { cpu: '9', memory: '9Gi' } }, two),
  pod('d', { requests: { memory: '3Gi' } }, [asking('a', { requests: { cpu: '100m' } }), asking('b')]),
  pod('e', { limits: { cpu: '5' } }, some, { initContainers: [asking('i')] }),
  pod('f', { limits: { cpu: '5' } }, some, { initContainers: [{ ...asking('i'), restartPolicy: 'Always' }] }),
  pod('g', { limits: { cpu: '5', [PAGES]: '2Mi' } }, two),
  pod('h', { requests: {} }, two),
  pod('i', { requests: { cpu: '9' }, limits: { cpu: '9' } }, two),
  pod('j', { limits: { cpu: '5' } }, [asking('a', { limits: { [PAGES]: '2Mi' } }), asking('b')]),
  pod('k', { limits: { cpu: '3' } }, [asking('a', { limits: { cpu: '5' } })]),
  ...'abcdefghijk'.split('').map((name) => remove(`${at('pods', name)}?gracePeriodSeconds=0`)),
]
const under = (...limits: readonly object[]) => [
  put(at('limitranges', 'l'), { metadata: { name: 'l' }, spec: { limits } }),
  ...pods,
]

export const podLevelResourceScripts = [
  script(
    'pod level/limit ranges',
    ...pods,
    post(at('limitranges'), { metadata: { name: 'l' }, spec: { limits: [] } }),
    ...under({ type: 'Container', defaultRequest: { cpu: '1', memory: '1Gi' } }),
    ...under({ type: 'Container', default: { cpu: '2' } }),
    ...under({ type: 'Container', default: { cpu: '2', [PAGES]: '2Mi' }, defaultRequest: { cpu: '500m' } }),
    ...under({ type: 'Pod', max: { cpu: '4' }, min: { cpu: '100m' } }),
    ...under({ type: 'Container', max: { cpu: '4' }, min: { cpu: '100m' } }, { type: 'Pod', max: { cpu: '4' } }),
  ),
]
