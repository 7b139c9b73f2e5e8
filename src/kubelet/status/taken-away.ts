/** What the status says of a container that was removed so that all may begin anew. */
export const TAKEN_AWAY = {
  reason: 'RestartingAllContainers',
  message: 'The container is removed because RestartAllContainers in place',
}
