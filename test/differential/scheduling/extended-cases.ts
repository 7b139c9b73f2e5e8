/** Cases about extended resources that devices stand behind. */

import type { Container, PodSpec } from '../../../src/api/generated/core-v1.ts'
import { type Fields, gpuClass, gpus, onNode, slice, wants, asks } from './device-objects.ts'
import { claims, deviceClass, node, pod, type Table } from './objects.ts'

const GPU = 'example.com/gpu'
const NIC = 'example.com/nic'
const IMPLICIT = 'deviceclass.resource.kubernetes.io/gpu'

const gpu = gpuClass('gpu', { extendedResourceName: GPU })
const nic = gpuClass('nic', { extendedResourceName: NIC })
const base = [node('n1'), gpu]
const p = pod('p', { [GPU]: '1' })

const container = (name: string, amounts: Fields, rest: Partial<Container> = {}): Container => {
  const requests = amounts as Record<string, string>
  return { name, image: 'x', resources: { requests, limits: requests }, ...rest }
}
const podOf = (containers: Container[], initContainers: Container[] = [], rest: Partial<PodSpec> = {}) =>
  pod('p', {}, { containers, initContainers, ...rest })

export const extendedTable: Table = {
  'one device': [[...base, slice('s', gpus('a', 'b'))], p],
  'on the node that has it': [[...base, node('n2'), slice('s', gpus('a'), onNode('n2'))], p],
  'no device': [base, p],
  'more than there are': [[...base, slice('s', gpus('a'))], pod('p', { [GPU]: '2' })],
  'no class': [[node('n1'), slice('s', gpus('a'))], p],
  'a class of another name': [[node('n1'), deviceClass, slice('s', gpus('a'))], p],
  'by the name of the class': [[...base, slice('s', gpus('a'))], pod('p', { [IMPLICIT]: '1' })],
  'by the name of a class that has no other': [
    [node('n1'), deviceClass, slice('s', gpus('a'))],
    pod('p', { [IMPLICIT]: '1' }),
  ],
  'a class that picks': [
    [
      node('n1'),
      gpuClass('gpu', { extendedResourceName: GPU, selectors: [{ cel: { expression: 'device.driver == "x"' } }] }),
      slice('s', gpus('a')),
    ],
    p,
  ],
  'a node that offers it itself': [
    [node('n1', { amounts: { [GPU]: '2' } }), node('n2'), gpu, slice('s', gpus('a'), onNode('n1'))],
    p,
  ],
  'a node that offers too little of it itself': [
    [node('n1', { amounts: { [GPU]: '1' } }), gpu, slice('s', gpus('a', 'b'))],
    pod('p', { [GPU]: '2' }),
  ],
  'a node that offers the other': [
    [node('n1', { amounts: { [NIC]: '1' } }), gpu, nic, slice('s', gpus('a', 'b'))],
    pod('p', { [GPU]: '1', [NIC]: '1' }),
  ],
  'for the first of two Pods': [[...base, slice('s', gpus('a'))], p, pod('q', { [GPU]: '1' })],
  'two resources': [
    [...base, nic, slice('s', gpus('a', 'b', 'c'))],
    pod('p', { cpu: '1', [NIC]: '1', [GPU]: '2', memory: '1Mi' }),
  ],
  'two containers': [
    [...base, slice('s', gpus('a', 'b', 'c'))],
    podOf([container('c', { [GPU]: '1' }), container('d', { cpu: '1' }), container('e', { [GPU]: '2' })]),
  ],
  'an init container that needs less': [
    [...base, slice('s', gpus('a', 'b', 'c'))],
    podOf([container('c', { [GPU]: '2' })], [container('i', { [GPU]: '1' })]),
  ],
  'init containers that need more': [
    [...base, slice('s', gpus('a', 'b', 'c', 'd', 'e'))],
    podOf(
      [container('c', { [GPU]: '1' }), container('d', { [GPU]: '1' })],
      [container('i', { [GPU]: '3' }), container('j', { [GPU]: '4' }), container('k', { [GPU]: '1' })],
    ),
  ],
  'sidecars beside init containers': [
    [...base, slice('s', gpus('a', 'b', 'c', 'd', 'e'))],
    podOf(
      [container('c', { [GPU]: '1' })],
      [
        container('side', { [GPU]: '1' }, { restartPolicy: 'Always' }),
        container('i', { [GPU]: '2' }),
        container('late', { [GPU]: '1' }, { restartPolicy: 'Always' }),
      ],
    ),
  ],
  'beside a claim': [
    [...base, slice('s', gpus('a', 'b')), wants('d', [asks()])],
    pod('p', { [GPU]: '1' }, claims('d')),
  ],
  'beside a claim that takes the last': [
    [...base, slice('s', gpus('a')), wants('d', [asks()])],
    pod('p', { [GPU]: '1' }, claims('d')),
  ],
  'beside another resource that no node has': [
    [...base, slice('s', gpus('a'))],
    pod('p', { [GPU]: '1', 'example.com/none': '1' }),
  ],
}
