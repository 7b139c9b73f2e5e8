import { expect, test } from 'vitest'
import { fieldPath } from '../../../../../meta/field-path.ts'
import type { Container, Pod, PodSpec, ResourceRequirements } from '../../../../generated/core-v1.ts'
import { defaultPod } from '../defaults.ts'
import { prepareForCreate } from '../strategy.ts'
import { validateResize } from './resize.ts'

function aPod(spec: Partial<PodSpec>, more: Partial<Pod> = {}): Pod {
  const pod: Pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i:1' }], ...spec } }
  defaultPod(pod)
  prepareForCreate(pod)
  return { ...pod, ...more, metadata: { ...pod.metadata, ...more.metadata } }
}

const requests = (amounts: Record<string, string>, more: Partial<Container> = {}): Container => ({
  name: 'c',
  image: 'i:1',
  resources: { requests: amounts },
  ...more,
})
const app = (amounts: Record<string, string>, more?: Partial<Container>) => ({ containers: [requests(amounts, more)] })
const init = (amounts: Record<string, string>, more?: Partial<Container>) => ({
  ...app({ cpu: '1' }),
  initContainers: [requests(amounts, { name: 'i', ...more })],
})
const whole = (resources: ResourceRequirements) => ({ ...app({ cpu: '100m' }), resources })
const RESTART = { resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' as const }] }
const SIDECAR = { restartPolicy: 'Always' as const }

test.each<[what: string, before: Partial<PodSpec>, after: Partial<PodSpec>, faults: readonly string[]]>([
  ['nothing', app({ cpu: '1' }), app({ cpu: '1' }), []],
  ['CPU and memory', app({ cpu: '1', memory: '1Gi' }), app({ cpu: '2', memory: '2Gi' }), []],
  [
    'all away',
    app({ cpu: '1' }),
    app({}),
    [
      'spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing',
      'spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed',
    ],
  ],
  [
    'another name',
    app({ cpu: '1' }),
    { containers: [requests({ cpu: '1' }, { name: 'x' })] },
    ['spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize'],
  ],
  [
    'one container more',
    app({ cpu: '1' }),
    { containers: [requests({ cpu: '1' }), requests({ cpu: '1' }, { name: 'd' })] },
    ['spec.containers: Forbidden: containers may not be added or removed on resize'],
  ],
  [
    'other storage',
    app({ cpu: '1', 'ephemeral-storage': '1Gi' }),
    app({ cpu: '2', 'ephemeral-storage': '2Gi' }),
    ['spec: Forbidden: only cpu and memory resources are mutable'],
  ],
  [
    'how to resize',
    app({ cpu: '1' }),
    app({ cpu: '1' }, RESTART),
    ['spec: Forbidden: only cpu and memory resources are mutable'],
  ],
  ['an init container', init({ cpu: '1' }), init({ cpu: '2' }), []],
  [
    'a sidecar that is to be restarted',
    init({ cpu: '1' }, { ...SIDECAR, ...RESTART }),
    init({ cpu: '2' }, { ...SIDECAR, ...RESTART }),
    [],
  ],
  [
    'storage of an init container',
    init({ cpu: '1', 'ephemeral-storage': '1Gi' }),
    init({ cpu: '1', 'ephemeral-storage': '2Gi' }),
    ['spec.initContainers[0]: Forbidden: only cpu and memory resources for init or sidecar containers are mutable'],
  ],
  ['the whole Pod', whole({ requests: { cpu: '1' } }), whole({ requests: { cpu: '2', memory: '1Gi' } }), []],
  ['the whole Pod for the first time', app({ cpu: '100m' }), whole({ requests: { cpu: '2' } }), []],
  [
    'the whole Pod away',
    whole({ requests: { cpu: '1' } }),
    app({ cpu: '100m' }),
    ['spec.resources: Forbidden: pod-level resources cannot be removed'],
  ],
  [
    'a limit of the whole Pod away',
    whole({ requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2', memory: '1Gi' } }),
    whole({ requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2' } }),
    ['spec.resources.limits: Forbidden: pod-level resource limits cannot be removed'],
  ],
])('a resize of %s', (_, before, after, faults) => {
  const found = validateResize(aPod(after), aPod(before), fieldPath())
  expect(found.map(({ field, message }) => `${field}: ${message}`)).toEqual(faults)
})

test('an init container that would have to be restarted cannot be resized', () => {
  // Nobody can make such a Pod any more, but it may be there.
  const [before, after] = [aPod(init({ cpu: '1' }, RESTART)), aPod(init({ cpu: '2' }, RESTART))]
  expect(validateResize(after, before, fieldPath()).map(({ message }) => message)).toContain(
    'Forbidden: non-sidecar init containers with a resize policy of RestartContainer cannot be resized',
  )
})

test('a static Pod is its manifest’s to resize', () => {
  const mirror = { metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' } } }
  const faults = validateResize(aPod(app({ cpu: '2' }), mirror), aPod(app({ cpu: '1' }), mirror), fieldPath())
  expect(faults.map(({ field, message }) => `${field}: ${message}`)).toEqual([
    '[]: Forbidden: static pods cannot be resized',
  ])
})

test('a node that does not tell what its containers have resizes none', () => {
  const running = { name: 'c', ready: true, restartCount: 0, image: '', imageID: '', state: { running: {} } }
  const on = (more: object) => ({ status: { containerStatuses: [{ ...running, ...more }] } })
  const resize = (more: object) =>
    validateResize(aPod(app({ cpu: '2' })), aPod(app({ cpu: '1' }), on(more)), fieldPath())
  expect(resize({ resources: {} })).toEqual([])
  expect(resize({}).map(({ message }) => message)).toEqual([
    'Forbidden: Pod running on node without support for resize',
  ])
})
