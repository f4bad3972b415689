import { Icon } from "../design/icons";
import type { Priced } from "./prices";
import { W } from "./words";

/** What a move would cost; words in its place while that is reckoned, and room kept so that nothing jumps. */
export function PriceWords({ priced }: { priced: Priced | null }) {
  return (
    <span class="price" data-testid="price">
      <span>{priced?.words ?? W.reckoning}</span>
      {priced?.warnings.map((words) => (
        <span key={words} class="price-warning">
          <Icon name="alert" size={14} />
          {words}
        </span>
      ))}
    </span>
  );
}
