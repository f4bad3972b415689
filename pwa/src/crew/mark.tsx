/** The sign of Crew311: a place, and a tick in it. The icons in public/icons are drawn from the same shapes. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 64 64" aria-hidden="true">
      <rect class="mark-ground" width="64" height="64" rx="15" />
      <path class="mark-pin" d="M32 9c-10.5 0-18 7.7-18 17.6 0 12.6 13.5 24.7 16.7 27.4a2 2 0 0 0 2.6 0C36.5 51.3 50 39.2 50 26.6 50 16.700 42.500 9 32 9z" />
      <path class="mark-tick" d="m23.5 27 6.2 6.2L41 21.5" />
    </svg>
  );
}
