/** Slices of devices, and what asks for devices. */

import type { KubeObject } from '../../../src/meta/types.ts'
import { object, own } from './objects.ts'

export const DRIVER = 'gpu.example.com'
export type Fields = Readonly<Record<string, unknown>>

/** A slice of a pool that is whole, unless it says otherwise. */
export const slice = (name: string, devices: readonly Fields[], spec: Fields = {}): KubeObject =>
  object(
    'resource.k8s.io/v1',
    'ResourceSlice',
    { name },
    {
      spec: {
        driver: DRIVER,
        pool: { name, generation: 1, resourceSliceCount: 1 },
        allNodes: true,
        ...spec,
        ...(devices.length > 0 && { devices }),
      },
    },
  )
export const onNode = (nodeName: string) => ({ nodeName, allNodes: undefined })
export const ofPool = (name: string, count = 1, generation = 1) => ({
  pool: { name, generation, resourceSliceCount: count },
})
export const model = (name: string, value: string, rest: Fields = {}) => ({
  name,
  attributes: { model: { string: value } },
  ...rest,
})
export const gpus = (...names: readonly string[]) => names.map((name) => model(name, 'a'))

export const cel = (expression: string) => ({ selectors: [{ cel: { expression } }] })
export const isModel = (value: string) => cel(`device.attributes["${DRIVER}"].model == "${value}"`)
export const asks = (exactly: Fields = {}, name = 'r') => ({ name, exactly: { deviceClassName: 'gpu', ...exactly } })
export const choice = (name: string, rest: Fields = {}) => ({ name, deviceClassName: 'gpu', ...rest })
export const wants = (name: string, requests: readonly Fields[], rest: Fields = {}): KubeObject =>
  object('resource.k8s.io/v1', 'ResourceClaim', own(name), { spec: { devices: { requests, ...rest } } })
export const gpuClass = (name: string, spec: Fields) => object('resource.k8s.io/v1', 'DeviceClass', { name }, { spec })
export const opaque = (value: string) => ({ opaque: { driver: DRIVER, parameters: { value } } })
