import { expect, test } from 'vitest'
import { withRegistered, withStability } from './stability.ts'
import type { Family } from './text.ts'

const gauge = (name: string): Family => ({ name, help: 'What it is.', type: 'gauge', samples: [] })

test.each([
  ['process_cpu_seconds_total', 'What it is.'],
  ['apiserver_anything', '[ALPHA] What it is.'],
  ['kubernetes_build_info', '[BETA] What it is.'],
  ['apiserver_request_total', '[STABLE] What it is.'],
  ['apiserver_flowcontrol_demand_seats', 'EXPERIMENTAL: [ALPHA] What it is.'],
  [
    'apiserver_storage_objects',
    '[STABLE] (Deprecated since 1.34.0) [DEPRECATED, consider using apiserver_resource_objects instead] What it is.',
  ],
])('%s says how certain it is', (name, help) => {
  expect(withStability([gauge(name)])[0]?.help).toBe(help)
})

test('how many there are of each level is told, that itself among them', () => {
  const names = ['process_cpu_seconds_total', 'a', 'b', 'apiserver_request_total', 'apiserver_storage_objects']
  const told = withRegistered(names.map(gauge)).at(-1)
  expect(told?.samples.map(({ labels, value }) => [...Object.values(labels ?? {}), value])).toEqual([
    ['', 'BETA', 1],
    ['', 'ALPHA', 2],
    ['', 'STABLE', 1],
    ['1.34.0', 'STABLE', 1],
  ])
})
