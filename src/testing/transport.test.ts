import { describe } from 'vitest'
import { testTransportContract } from '../client/contract.ts'
import { createCluster } from './cluster.ts'

describe('transport contract: the server in the same process', () => {
  testTransportContract(async () => {
    const cluster = await createCluster({ scheduler: false, controllers: false })
    return { transport: cluster.client.transport, close: () => cluster.stop() }
  })
})
