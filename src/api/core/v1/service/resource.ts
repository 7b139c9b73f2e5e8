/** Service, v1: one address for many Pods (https://kubernetes.io/docs/concepts/services-networking/service/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import { labelName } from '../../../../meta/names.ts'
import { ageColumn, labelsText, nameColumn, orElse, textColumn, wideColumn } from '../../../columns.ts'
import type { Service } from '../../../generated/core-v1.ts'
import { defineResource } from '../../../resource.ts'
import { defaultService, dropInternalPolicy, prepareForCreate, prepareForUpdate } from './strategy.ts'
import { balancerWarnings, serviceWarnings } from './warnings.ts'
import { validateService, validateServiceStatus, validateServiceUpdate } from './validate.ts'

type Shared = DeepReadonly<Service>

export const services = defineResource<Service>('v1/services', {
  allowCreateOnUpdate: true,
  countsGeneration: false,
  setDefaults: defaultService,
  prepareForCreate,
  beforeStore: ({ spec }) => {
    if (spec?.type === 'ExternalName') dropInternalPolicy(spec)
  },
  prepareForUpdate,
  validateName: labelName,
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  validateStatusUpdate: validateServiceStatus,
  warnings: serviceWarnings,
  statusWarnings: ({ status }) => balancerWarnings(status?.loadBalancer?.ingress),
  selectableFields: {
    'spec.clusterIP': ({ spec }) => spec?.clusterIP ?? '',
    'spec.type': ({ spec }) => spec?.type ?? '',
  },
  columns: [
    nameColumn(),
    textColumn('Type', ({ spec }) => spec?.type ?? ''),
    textColumn('Cluster-IP', ({ spec }) => orElse(spec?.clusterIPs?.[0] ?? spec?.clusterIP)),
    textColumn<Service>('External-IP', externalAddress),
    textColumn<Service>('Port(s)', portsText),
    ageColumn(),
    wideColumn('Selector', ({ spec }) => labelsText(spec?.selector)),
  ],
})

function externalAddress(service: Shared): string {
  const given = service.spec?.externalIPs ?? []
  switch (service.spec?.type) {
    case 'ClusterIP':
    case 'NodePort':
      return orElse(given.join(','))
    case 'LoadBalancer': {
      const ingress = service.status?.loadBalancer?.ingress ?? []
      const balanced = ingress.map(({ ip, hostname }) => orElse(ip, hostname ?? '')).filter((text) => text !== '')
      return orElse([...[...new Set(balanced)].sort(), ...given].join(','), '<pending>')
    }
    case 'ExternalName':
      return service.spec?.externalName ?? ''
    case undefined:
    default:
      return '<unknown>'
  }
}

/** `80/TCP,443:30443/TCP` */
function portsText({ spec }: Shared): string {
  const texts = (spec?.ports ?? []).map(({ port, nodePort = 0, protocol }) =>
    nodePort === 0 ? `${port}/${protocol}` : `${port}:${nodePort}/${protocol}`,
  )
  return orElse(texts.join(','))
}
