/** Makes folders, and tells truly why they cannot be made. */

import { mkdir } from 'node:fs/promises'
import path from 'node:path'

/**
 * Makes the folder and those above it, unless they are there. Where the disk is full Node's own way says that a folder
 * is missing; one step at a time says what is wrong.
 */
export async function makeFolder(folder: string, mode: number): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode })
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    await makeByStep(folder, mode)
  }
}

async function makeByStep(folder: string, mode: number): Promise<void> {
  try {
    await mkdir(folder, { mode })
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return
    if (codeOf(error) !== 'ENOENT' || path.dirname(folder) === folder) throw error
    await makeByStep(path.dirname(folder), mode)
    await mkdir(folder, { mode })
  }
}

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? error.code : undefined)
