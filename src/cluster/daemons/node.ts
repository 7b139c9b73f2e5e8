/** The program of a node's process. */

import { runNode } from './node-process.ts'
import { readArguments, untilAsked } from './arguments.ts'
import type { Program } from './launch.ts'

export const program: Program = async (args, onStarted) => {
  const { paths, record, rest } = readArguments(args)
  await runNode({ paths, record, node: rest[0] ?? '', onStarted }, untilAsked())
}
