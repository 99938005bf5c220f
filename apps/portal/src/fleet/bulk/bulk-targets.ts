import type { TargetPreview } from '../../api/operations/fleet.js';

type Part = TargetPreview['parts'][number];

/** How many devices of a target are so. */
export const howMany = ({ parts }: TargetPreview, so: (part: Part) => boolean): number =>
  parts.filter(so).reduce((all, { count }) => all + count, 0);
