/** The kernels over compressed rows in plain TypeScript, over handles. */
import { handle, numbers, whole } from './handles.ts';
import {
  observedCurvature, observedCurvatureProduct, observedProduct, observedResidual, requireCurvature, requireProduct, requireResidual,
} from './observed.ts';
import type { KernelFunctions } from './plain-kernels.ts';

export const plainObservedKernels: Pick<KernelFunctions, 'observedResidual' | 'observedProduct' | 'observedCurvature' | 'observedCurvatureProduct'> = {
  observedResidual: (pointers, index, data, roots, u, v, z, scale, b, left, squares, at = 0) => {
    requireResidual(pointers, index, data, roots, u, v, z, b, left, squares, at);
    numbers(squares)[at] = observedResidual(
      whole(pointers).data, whole(index).data, numbers(data), roots && numbers(roots), handle(u), handle(v), numbers(z), scale, b && handle(b), left && handle(left),
    );
  },
  observedProduct: (pointers, index, order, z, scale, b, out) => {
    requireProduct(pointers, index, order, z, b, undefined, out);
    observedProduct(whole(pointers).data, whole(index).data, whole(order).data, numbers(z), scale, handle(b), handle(out));
  },
  observedCurvature: (pointers, index, data, roots, u, v, du, dv, z, scale, left) => {
    requireCurvature(pointers, index, data, roots, u, v, du, dv, z, left);
    observedCurvature(
      whole(pointers).data, whole(index).data, numbers(data), roots && numbers(roots), handle(u), handle(v), handle(du), handle(dv), numbers(z), scale, handle(left),
    );
  },
  observedCurvatureProduct: (pointers, index, order, z, scale, b, db, out) => {
    requireProduct(pointers, index, order, z, b, db, out);
    observedCurvatureProduct(whole(pointers).data, whole(index).data, whole(order).data, numbers(z), scale, handle(b), handle(db), handle(out));
  },
};
