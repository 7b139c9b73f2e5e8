/** Cases whose outcome is certain: at most one node fits. */

import {
  HOST,
  ZONE,
  UNMET,
  node,
  pod,
  own,
  priority,
  term,
  spread,
  needsZone,
  named,
  taint,
  placed,
  budget,
  deviceClass,
  resourceClaim,
  claims,
  one,
  two,
  high,
  type Table,
} from './objects.ts'
import type { Case } from './side.ts'
import { deviceTable } from './device-cases.ts'
import { extendedTable } from './extended-cases.ts'
import { neighbourTable } from './neighbour-cases.ts'
import { preemptionTable } from './preemption-cases.ts'
import { volumeTable } from './volume-cases.ts'

/** Needs a feature that nodes declare. */
const startsAllAnew = pod(
  'p',
  {},
  {
    containers: [
      {
        name: 'c',
        image: 'x',
        restartPolicy: 'Never',
        restartPolicyRules: [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [1] } }],
      },
    ],
  },
)

const table: Table = {
  'no nodes': [[], pod('p')],
  'a node that fits': [one, pod('p', { cpu: '1' })],
  'too little CPU': [one, pod('p', { cpu: '5' })],
  'too little of everything': [one, pod('p', { cpu: '5', memory: '9Gi', 'ephemeral-storage': '30Gi' })],
  'no such extended resource': [one, pod('p', { 'example.com/x': '1' })],
  'too little of an extended resource': [
    [node('n1', { amounts: { 'example.com/x': '1' } })],
    pod('p', { 'example.com/x': '2' }),
  ],
  'too many Pods': [[node('n1', { amounts: { pods: '1' } }), placed('q', 'n1')], pod('p')],
  'what runs there takes the room': [[...one, placed('q', 'n1', { cpu: '3' })], pod('p', { cpu: '2' })],
  'each node for another reason': [
    [
      node('n1', { amounts: { cpu: '1' } }),
      node('n2', { spec: taint('k') }),
      node('n3', { spec: { unschedulable: true } }),
      node('n4', { amounts: { memory: '1Mi' } }),
    ],
    pod('p', { cpu: '2', memory: '1Gi' }),
  ],
  'a taint NoExecute': [[node('n1', { spec: taint('k', 'NoExecute') })], pod('p')],
  'a tolerated taint': [
    [node('n1', { spec: taint('k') })],
    pod('p', {}, { tolerations: [{ key: 'k', operator: 'Exists' }] }),
  ],
  'a toleration of a cordon': [
    [node('n1', { spec: { unschedulable: true } })],
    pod('p', {}, { tolerations: [{ operator: 'Exists' }] }),
  ],
  'a cordon': [[node('n1', { spec: { unschedulable: true } })], pod('p')],
  'a node selector': [two, pod('p', {}, { nodeSelector: { [ZONE]: 'b' } })],
  'a node selector of none': [two, pod('p', {}, { nodeSelector: { [ZONE]: 'c' } })],
  'node affinity of one': [two, pod('p', {}, { affinity: needsZone('b') })],
  'node affinity of none': [two, pod('p', {}, { affinity: needsZone('c') })],
  'node affinity by name': [two, pod('p', {}, { affinity: named('n2') })],
  'node affinity by a name of none': [two, pod('p', {}, { affinity: named('n9') })],
  'node affinity by the name of a full node': [
    [...two, placed('q', 'n2', { cpu: '4' })],
    pod('p', { cpu: '1' }, { affinity: named('n2') }),
  ],
  'a host port that is taken': [
    [
      ...one,
      placed('q', 'n1', {}, { containers: [{ name: 'c', image: 'x', ports: [{ containerPort: 80, hostPort: 80 }] }] }),
    ],
    pod('p', {}, { containers: [{ name: 'c', image: 'x', ports: [{ containerPort: 80, hostPort: 80 }] }] }),
  ],
  'Pod affinity with nobody': [two, pod('p', {}, { affinity: { podAffinity: { [UNMET]: [term('a')] } } })],
  'Pod affinity with itself': [
    one,
    pod('p', {}, { affinity: { podAffinity: { [UNMET]: [term('a')] } } }, { app: 'a' }),
  ],
  'Pod affinity with another': [
    [...two, placed('q', 'n2', {}, {}, { app: 'a' })],
    pod('p', {}, { affinity: { podAffinity: { [UNMET]: [term('a')] } } }),
  ],
  'Pod anti-affinity': [
    [...one, placed('q', 'n1', {}, {}, { app: 'a' })],
    pod('p', {}, { affinity: { podAntiAffinity: { [UNMET]: [term('a')] } } }),
  ],
  'another’s Pod anti-affinity': [
    [...one, placed('q', 'n1', {}, { affinity: { podAntiAffinity: { [UNMET]: [term('a')] } } })],
    pod('p', {}, {}, { app: 'a' }),
  ],
  'a spread over a label that no node has': [two, pod('p', {}, spread('rack'), { app: 'a' })],
  'a spread that one node keeps': [
    [...two, placed('q', 'n1', {}, {}, { app: 'a' })],
    pod('p', {}, spread(ZONE), { app: 'a' }),
  ],
  'a spread that none keeps': [
    [...two, placed('q', 'n1', {}, {}, { app: 'a' }), placed('r', 'n2', { cpu: '4' }, {}, { app: 'b' })],
    pod('p', { cpu: '1' }, spread(ZONE), { app: 'a' }),
  ],
  'a spread over too few domains': [
    [...one, placed('q', 'n1', {}, {}, { app: 'a' })],
    pod('p', {}, spread(HOST, { minDomains: 2 }), { app: 'a' }),
  ],
  'a scheduling gate': [one, pod('p', {}, { schedulingGates: [{ name: 'example.com/wait' }] })],
  'a less important Pod in the way': [
    [...one, high, placed('q', 'n1', { cpu: '4' })],
    pod('p', { cpu: '2' }, { priorityClassName: 'high' }),
  ],
  'an equal Pod in the way': [[...one, placed('q', 'n1', { cpu: '4' })], pod('p', { cpu: '2' })],
  'preemption that would not do': [
    [...one, high, placed('q', 'n1', { cpu: '4' })],
    pod('p', { cpu: '5' }, { priorityClassName: 'high' }),
  ],
  'a Pod that never preempts': [
    [...one, priority('polite', 1000, { preemptionPolicy: 'Never' }), placed('q', 'n1', { cpu: '4' })],
    pod('p', { cpu: '2' }, { priorityClassName: 'polite' }),
  ],
  'a budget that forbids one victim of two': [
    [
      ...two,
      high,
      budget('b', 'a', 0),
      placed('guarded', 'n1', { cpu: '4' }, {}, { app: 'a' }),
      placed('free', 'n2', { cpu: '4' }),
    ],
    pod('p', { cpu: '2' }, { priorityClassName: 'high' }),
  ],
  'a budget that forbids every victim': [
    [...one, high, budget('b', 'a', 0), placed('guarded', 'n1', { cpu: '4' }, {}, { app: 'a' })],
    pod('p', { cpu: '2' }, { priorityClassName: 'high' }),
  ],
  'as few victims as do': [
    [...one, high, placed('q', 'n1', { cpu: '1' }), placed('r', 'n1', { cpu: '3' })],
    pod('p', { cpu: '2' }, { priorityClassName: 'high' }),
  ],
  'the least important victims': [
    [
      ...two,
      high,
      priority('middle', 500),
      placed('q', 'n1', { cpu: '4' }, { priorityClassName: 'middle' }),
      placed('r', 'n2', { cpu: '4' }),
    ],
    pod('p', { cpu: '2' }, { priorityClassName: 'high' }),
  ],
  'anti-affinity with a victim': [
    [...one, high, placed('q', 'n1', {}, {}, { app: 'a' })],
    pod('p', {}, { priorityClassName: 'high', affinity: { podAntiAffinity: { [UNMET]: [term('a')] } } }),
  ],
  'another scheduler’s Pod': [one, pod('p', {}, { schedulerName: 'someone-else' })],
  'init containers that ask for more': [
    one,
    pod('p', { cpu: '1' }, { initContainers: [{ name: 'i', image: 'x', resources: { requests: { cpu: '5' } } }] }),
  ],
  'sidecars that add up': [
    one,
    pod(
      'p',
      { cpu: '2' },
      {
        initContainers: [{ name: 'i', image: 'x', restartPolicy: 'Always', resources: { requests: { cpu: '3' } } }],
      },
    ),
  ],
  'requests of the whole Pod': [one, pod('p', { cpu: '1' }, { resources: { requests: { cpu: '5' } } })],
  'a feature that no node declares': [[...one], startsAllAnew],
  'a feature that one node declares': [
    [...one, node('n2', { declaredFeatures: ['RestartAllContainersOnContainerExits'] })],
    startsAllAnew,
  ],
  'a resource claim that is not there': [one, pod('p', {}, claims('d'))],
  'a resource claim from a template, not made yet': [
    one,
    pod('p', {}, { resourceClaims: [{ name: 'd', resourceClaimTemplateName: 't' }] }),
  ],
  'a resource claim without devices': [[...one, deviceClass, resourceClaim('d')], pod('p', {}, claims('d'))],
  'a resource claim of a class that is not there': [[...one, resourceClaim('d', 'none')], pod('p', {}, claims('d'))],
  'two Pods for the room of one': [one, pod('p', { cpu: '3' }), pod('q', { cpu: '3' })],
  'a Pod that is going and held': [
    one,
    { ...pod('p', { cpu: '9' }), metadata: { ...own('p'), finalizers: ['example.com/held'] } },
  ],
}

const devices = Object.fromEntries(
  [
    ...Object.entries(deviceTable),
    ...Object.entries(extendedTable).map(([name, each]) => [`extended: ${name}`, each] as const),
  ].map(([name, each]) => [`devices: ${name}`, each]),
)

const all = { ...table, ...neighbourTable, ...preemptionTable, ...volumeTable, ...devices }

export const cases: readonly Case[] = Object.entries(all).map(([name, [objects, ...pods]]) => ({
  name,
  objects,
  pods,
}))
