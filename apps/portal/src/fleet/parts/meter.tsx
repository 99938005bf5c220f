/** How far something has come, in words and as a bar. */
export function Meter({ share, label, value }: { share: number; label: string; value: string }) {
  const percent = Math.max(0, Math.min(100, Math.round(share * 100)));
  return (
    <div
      className="meter"
      role="progressbar"
      aria-label={label}
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
    >
      <span>
        <span>{label}</span>
        <span className="num">{value}</span>
      </span>
      <i>
        <b style={{ width: `${percent}%` }} />
      </i>
    </div>
  );
}
