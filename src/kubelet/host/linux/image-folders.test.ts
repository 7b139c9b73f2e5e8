import { describe, expect, test } from 'vitest'

import { imageMount } from './image-folders.ts'

const LABEL = 'system_u:object_r:container_file_t:s0'
const one = { type: 'bind', source: '/layers/1', options: ['ro', 'rbind'] }
const many = { type: 'overlay', source: 'overlay', options: ['index=off', 'lowerdir=/layers/2:/layers/1'] }

describe('imageMount()', () => {
  const cases = [
    { of: 'one layer', mount: one, is: one },
    { of: 'many layers', mount: many, is: { ...many, options: [...many.options, 'ro'] } },
    {
      of: 'one layer with SELinux',
      mount: one,
      label: LABEL,
      is: {
        type: 'overlay',
        source: 'overlay',
        options: ['ro', 'lowerdir=/layers/1:/volume', `context=${LABEL}`],
      },
    },
    {
      of: 'many layers with SELinux',
      mount: many,
      label: LABEL,
      is: { ...many, options: [...many.options, 'ro', `context=${LABEL}`] },
    },
  ]
  for (const { of, mount, label, is } of cases) {
    test(`shows ${of}, and nobody writes there`, () => {
      expect(imageMount(mount, '/volume', label)).toEqual(is)
    })
  }
})
