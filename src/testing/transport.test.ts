import { describe } from 'vitest'
import { testTransportContract } from '../client/contract.ts'
import { httpTransport } from '../client/http-transport.ts'
import { createCluster } from './cluster.ts'

describe('transport contract: the server in the same process', () => {
  testTransportContract(async () => {
    const cluster = await createCluster({ scheduler: false, controllers: false })
    return { transport: cluster.client.transport, close: () => cluster.stop() }
  })
})

describe('transport contract: HTTPS with client certificates', () => {
  testTransportContract(async () => {
    const cluster = await createCluster({ scheduler: false, controllers: false })
    const { access } = await cluster.serve()
    const { server, ca, certificate = '', key = '' } = access
    const transport = httpTransport({ server, ca, certificate, key })
    return {
      transport,
      async close() {
        await transport.close()
        await cluster.stop()
      },
    }
  })
})
