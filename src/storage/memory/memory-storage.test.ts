import { describe } from 'vitest'
import { testStorageContract } from '../contract.ts'
import { createMemoryStorage } from './memory-storage.ts'

describe('storage contract: memory', () => {
  testStorageContract(async () => createMemoryStorage())
})
