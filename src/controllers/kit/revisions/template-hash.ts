/**
 * A short name for a Pod template, as it stands in `pod-template-hash` and in the names of ReplicaSets and
 * ControllerRevisions (https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#pod-template-hash-label).
 */

import { canonicalJson } from '../equal.ts'

const LETTERS = 'bcdfghjklmnpqrstvwxz2456789'

/** The same template and collision count give the same text, in every process and version. */
export function templateHash(template: unknown, collisionCount?: number): string {
  const text = canonicalJson(template) + (collisionCount === undefined ? '' : `#${collisionCount}`)
  return safeText(String(fnv32a(text)))
}

/** The 32-bit FNV-1a hash of the text's UTF-8 bytes. */
export function fnv32a(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  }
  return hash
}

/** Rewrites any ASCII text with letters that form no words. */
export function safeText(text: string): string {
  return Array.from(text, (letter) => LETTERS.charAt(letter.charCodeAt(0) % LETTERS.length)).join('')
}
