/** What patterns find (https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-regex-library). */

import { declare, type Library } from '../environment.ts'
import { compilePattern } from '../patterns.ts'

function find(text: string, pattern: string): string {
  const matcher = compilePattern(pattern).matcher(text)
  return matcher.find() ? (matcher.group() ?? '') : ''
}

function findAll(text: string, pattern: string, limit: bigint = -1n): string[] {
  const matcher = compilePattern(pattern).matcher(text)
  const found: string[] = []
  while ((limit < 0n || BigInt(found.length) < limit) && matcher.find()) found.push(matcher.group() ?? '')
  return found
}

export const regex: Library = {
  functions: [
    declare('string->find(string): string', find),
    declare('string->findAll(string): list(string)', findAll),
    declare('string->findAll(string, int): list(string)', findAll),
  ],
}
