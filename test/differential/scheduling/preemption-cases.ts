/** Cases about making room: who goes, from where, and what is said when nobody may. */

import type { KubeObject } from '../../../src/meta/types.ts'
import {
  budget,
  high,
  node,
  one,
  placed,
  pod,
  priority,
  spread,
  type Table,
  taint,
  term,
  two,
  UNMET,
  ZONE,
} from './objects.ts'

const HIGH = { priorityClassName: 'high' }
const middle = priority('middle', 500)
const low = priority('low', -5)
const port = { containers: [{ name: 'c', image: 'x', ports: [{ containerPort: 80, hostPort: 80 }] }] }
const of = (name: string, nodeName: string, cpu: string, priorityClassName?: string): KubeObject =>
  placed(name, nodeName, { cpu }, priorityClassName === undefined ? {} : { priorityClassName })

export const preemptionTable: Table = {
  'one important victim rather than two': [
    [...two, high, of('a', 'n1', '4'), of('b', 'n2', '2'), of('c', 'n2', '2')],
    pod('p', { cpu: '4' }, HIGH),
  ],
  'victims of less priority in sum': [
    [...two, high, middle, low, of('a', 'n1', '2'), of('b', 'n1', '2'), of('c', 'n2', '2'), of('d', 'n2', '2', 'low')],
    pod('p', { cpu: '4' }, HIGH),
  ],
  'a victim below zero': [[...two, low, of('a', 'n1', '4'), of('b', 'n2', '4', 'low')], pod('p', { cpu: '1' })],
  'a victim that holds a host port': [[...one, high, placed('q', 'n1', {}, port)], pod('p', {}, { ...HIGH, ...port })],
  'a victim that stands in a spread': [
    [...two, high, placed('q', 'n1', {}, {}, { app: 'a' }), of('big', 'n2', '4', 'high')],
    pod('p', { cpu: '1' }, { ...HIGH, ...spread(ZONE) }, { app: 'a' }),
  ],
  'a victim that the Pod itself wants near': [
    [...one, high, placed('q', 'n1', { cpu: '4' }, {}, { app: 'a' })],
    pod('p', { cpu: '1' }, { ...HIGH, affinity: { podAffinity: { [UNMET]: [term('a')] } } }),
  ],
  'another’s anti-affinity, and it may go': [
    [...one, high, placed('q', 'n1', {}, { affinity: { podAntiAffinity: { [UNMET]: [term('a')] } } })],
    pod('p', {}, HIGH, { app: 'a' }),
  ],
  'room on no node but where nobody may be driven away': [
    [
      ...one,
      high,
      node('n2', { spec: taint('k') }),
      node('n3', { spec: { unschedulable: true } }),
      of('a', 'n1', '4', 'high'),
    ],
    pod('p', { cpu: '1' }, HIGH),
  ],
  'room on one node of three': [
    [...one, high, node('n2', { spec: taint('k') }), node('n3', { amounts: { cpu: '1' } }), of('a', 'n1', '4')],
    pod('p', { cpu: '2' }, HIGH),
  ],
  'two Pods for the room of one victim': [
    [...one, high, of('a', 'n1', '4')],
    pod('p', { cpu: '3' }, HIGH),
    pod('q', { cpu: '3' }, HIGH),
  ],
  'a Pod of no importance beside a nominated one': [
    [...one, high, of('a', 'n1', '4')],
    pod('p', { cpu: '3' }, HIGH),
    pod('q', { cpu: '2' }),
  ],
  'a budget that lets one of two go': [
    [
      ...one,
      high,
      budget('b', 'a', 1),
      placed('q', 'n1', { cpu: '2' }, {}, { app: 'a' }),
      placed('r', 'n1', { cpu: '2' }, {}, { app: 'a' }),
    ],
    pod('p', { cpu: '1' }, HIGH),
  ],
  'a budget, and a node where more would go': [
    [
      ...two,
      high,
      budget('b', 'a', 0),
      placed('guarded', 'n1', { cpu: '4' }, {}, { app: 'a' }),
      of('c', 'n2', '2'),
      of('d', 'n2', '2'),
    ],
    pod('p', { cpu: '4' }, HIGH),
  ],
  'a victim for more than one thing': [
    [...one, high, placed('q', 'n1', { cpu: '1', memory: '8Gi' }), of('r', 'n1', '3')],
    pod('p', { cpu: '1', memory: '4Gi' }, HIGH),
  ],
  'too many Pods, one of them less important': [
    [node('n1', { amounts: { pods: '1' } }), high, of('q', 'n1', '1')],
    pod('p', {}, HIGH),
  ],
}
