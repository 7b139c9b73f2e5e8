/**
 * The service by which a plugin tells the kubelet what it is: `pluginregistration.v1.Registration`
 * (https://github.com/kubernetes/kubelet/tree/master/pkg/apis/pluginregistration/v1).
 */

import { createProtocol } from '../grpc/protocol.ts'

const SERVICE = '/pluginregistration.Registration'

export const REGISTRATION = createProtocol({
  messages: {
    InfoRequest: {},
    PluginInfo: {
      type: [1, 'string'],
      name: [2, 'string'],
      endpoint: [3, 'string'],
      supportedVersions: [4, 'string[]'],
    },
    RegistrationStatus: { pluginRegistered: [1, 'bool'], error: [2, 'string'] },
    RegistrationStatusResponse: {},
  },
})

export const GET_INFO = { path: `${SERVICE}/GetInfo`, request: 'InfoRequest', response: 'PluginInfo' }

export const NOTIFY_REGISTRATION_STATUS = {
  path: `${SERVICE}/NotifyRegistrationStatus`,
  request: 'RegistrationStatus',
  response: 'RegistrationStatusResponse',
}
