/**
 * The page as @algolia/autocomplete-js should see it from inside a shadow root.
 *
 * The library asks the document which element has the focus and listens on the window for clicks outside of itself.
 * From outside, everything in a shadow root looks like its host element, so both would mislead it. It also keeps its
 * listeners on the window as a property, which the host page has no use for.
 */
export function environmentOf(root: ShadowRoot): typeof window {
  const inside = over(document, {
    get activeElement() {
      return root.activeElement;
    },
    getElementById: (id: string) => root.getElementById(id),
    querySelectorAll: (selector: string) => root.querySelectorAll(selector),
  });
  const wrapped = new Map<EventListener, EventListener>();
  const environment: typeof window = over(window, {
    document: inside,
    addEventListener(type: string, listener: EventListener, options?: boolean) {
      const inner: EventListener = (event) => {
        const { type, composedPath } = { type: event.type, composedPath: event.composedPath() };
        listener.call(environment, { type, target: composedPath[0] } as unknown as Event);
      };
      wrapped.set(listener, inner);
      window.addEventListener(type, inner, options);
    },
    removeEventListener(type: string, listener: EventListener, options?: boolean) {
      window.removeEventListener(type, wrapped.get(listener) ?? listener, options);
    },
  });
  return environment;
}

/** An object that looks like `target`, but for the properties of `own`; what is set stays in `own`. */
function over<Target extends object>(target: Target, own: object): Target {
  return new Proxy(target, {
    get(_, key) {
      if (Reflect.has(own, key)) return Reflect.get(own, key);
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
    set: (_, key, value) => Reflect.set(own, key, value),
  });
}
