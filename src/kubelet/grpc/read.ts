/** Reads fields of decoded messages, whatever a server has put there. */

import type { Plain } from './protocol.ts'

/** A nested message, or nothing. */
export const message = (value: unknown): Plain | undefined =>
  typeof value === 'object' && value !== null ? (value as Plain) : undefined
/** A list of messages. */
export const messages = (value: unknown): readonly Plain[] => (Array.isArray(value) ? (value as Plain[]) : [])
export const text = (value: unknown): string => (typeof value === 'string' ? value : '')
/** A list of texts. */
export const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? (value as string[]) : [])
/** Texts by names. */
export const textMap = (value: unknown): Readonly<Record<string, string>> =>
  (message(value) ?? {}) as Readonly<Record<string, string>>
export const numberOf = (value: unknown): number => Number(value ?? 0)
