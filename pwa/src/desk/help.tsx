import { useState } from "preact/hooks";
import { Dialog } from "./ask-dialogs";
import { areKeysOn, KEYS, LIST_KEYS, switchKeys } from "./keys";
import { W } from "./words";

export function Help({ onClose }: { onClose: () => void }) {
  const [isOn, setOn] = useState(areKeysOn());
  return (
    <Dialog title={W.help} onClose={onClose} wide>
      <dl class="keys">
        {[...LIST_KEYS, ...KEYS.map(({ key, words }) => ({ keys: key, words }))].map(({ keys, words }) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
      <label class="tick">
        <input
          type="checkbox"
          checked={isOn}
          onChange={(event) => {
            switchKeys(event.currentTarget.checked);
            setOn(event.currentTarget.checked);
          }}
        />
        {W.singleKeys}
      </label>
    </Dialog>
  );
}
