/** Objects in the states that tables are to show. */

import { at, get, post, strategic, type Step, TABLE } from './script.ts'

export type Json = Readonly<Record<string, unknown>>

export const OLD = '2020-01-02T03:04:05Z'
export const inTable = (path: string): Step => get(path, { accept: TABLE })

/** Objects of one kind, each with the status it is then given, and the table of them. */
export function states(resource: string, make: (name: string) => Json, statuses: readonly Json[]): Step[] {
  return [
    ...statuses.flatMap((status, index) => {
      const name = `x${index}`
      const { spec, metadata, ...rest } = status as { spec?: Json; metadata?: Json }
      const made = make(name) as { spec?: Json; metadata?: Json }
      const object = {
        ...made,
        metadata: { ...made.metadata, ...metadata },
        ...(made.spec === undefined && spec === undefined ? {} : { spec: { ...made.spec, ...spec } }),
      }
      return [
        post(at(resource), object),
        ...(Object.keys(rest).length === 0 ? [] : [strategic(`${at(resource, name)}/status`, { status: rest })]),
      ]
    }),
    inTable(at(resource)),
  ]
}
