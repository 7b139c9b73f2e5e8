import { describe } from 'vitest'
import { testTransportContract } from './contract.ts'
import { FakeApi } from './fake-api.ts'

describe('transport contract: the fake API', () => {
  testTransportContract(async () => ({ transport: new FakeApi(), close: async () => {} }))
})
