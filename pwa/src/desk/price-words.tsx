import type { Price } from "../core/deeds";
import { Icon } from "../design/icons";
import { W } from "./words";

/** What a move would cost; words in its place while that is reckoned, and room kept so that nothing jumps. */
export function PriceWords({ price }: { price: Price | null }) {
  return (
    <span class="price" data-testid="price">
      <span>{price?.words ?? W.reckoning}</span>
      {price?.refusals.map((words) => (
        <span key={words} class="price-warning">
          <Icon name="alert" size={14} />
          {words}
        </span>
      ))}
    </span>
  );
}
