/** The same objectives under a constraint: orthonormal columns, unit length. */
export { onSphere, onStiefel, type OnManifold } from './on-stiefel.ts';
