/** The common part of TeX's formulas as MathML. What is not understood stays as it was written. */

const SPACE = "http://www.w3.org/1998/Math/MathML";

const SYMBOLS = {
  alpha: "α", beta: "β", gamma: "γ", delta: "δ", epsilon: "ε", varepsilon: "ε", zeta: "ζ", eta: "η", theta: "θ",
  kappa: "κ", lambda: "λ", mu: "μ", nu: "ν", xi: "ξ", pi: "π", rho: "ρ", sigma: "σ", tau: "τ", phi: "φ", varphi: "φ",
  chi: "χ", psi: "ψ", omega: "ω", Gamma: "Γ", Delta: "Δ", Theta: "Θ", Lambda: "Λ", Pi: "Π", Sigma: "Σ", Phi: "Φ",
  Psi: "Ψ", Omega: "Ω", infty: "∞", partial: "∂", nabla: "∇", degree: "°", circ: "∘", ell: "ℓ", emptyset: "∅",
};
const OPERATORS = {
  times: "×", cdot: "·", div: "÷", pm: "±", mp: "∓", le: "≤", leq: "≤", ge: "≥", geq: "≥", ne: "≠", neq: "≠",
  approx: "≈", equiv: "≡", sim: "∼", propto: "∝", to: "→", rightarrow: "→", Rightarrow: "⇒", leftarrow: "←",
  sum: "∑", prod: "∏", int: "∫", in: "∈", notin: "∉", subset: "⊂", cup: "∪", cap: "∩", forall: "∀", exists: "∃",
  cdots: "⋯", ldots: "…", dots: "…", angle: "∠", perp: "⊥", parallel: "∥", mid: "|", "%": "%", "{": "{", "}": "}",
  $: "$", _: "_", "&": "&", "#": "#",
};
const FUNCTIONS = new Set(["sin", "cos", "tan", "log", "ln", "exp", "lim", "max", "min", "det", "gcd"]);
const SPACES = new Set([",", ";", ":", "!", " ", "quad", "qquad", "left", "right", "displaystyle", "limits"]);

function m(name, ...children) {
  const element = document.createElementNS(SPACE, name);
  element.append(...children);
  return element;
}

class Reader {
  constructor(source) {
    this.tokens = source.match(/\\[a-zA-Z]+|\\.|\d+(?:[.,]\d+)*|\s+|./gsu)?.filter((token) => token.trim()) ?? [];
    this.at = 0;
  }

  row(end = null) {
    const found = [];
    while (this.at < this.tokens.length && this.tokens[this.at] !== end) {
      const atom = this.scripted();
      if (atom) found.push(atom);
    }
    if (end !== null && this.tokens[this.at++] !== end) throw new SyntaxError(`no ${end}`);
    return m("mrow", ...found);
  }

  scripted() {
    const base = this.atom();
    const scripts = {};
    while (this.tokens[this.at] === "^" || this.tokens[this.at] === "_") scripts[this.tokens[this.at++]] = this.argument();
    if (!base || !(scripts["^"] || scripts._)) return base;
    const over = "∑∏".includes(base.textContent) || base.textContent === "lim";
    const names = over ? ["munder", "mover", "munderover"] : ["msub", "msup", "msubsup"];
    if (scripts._ && scripts["^"]) return m(names[2], base, scripts._, scripts["^"]);
    return scripts._ ? m(names[0], base, scripts._) : m(names[1], base, scripts["^"]);
  }

  argument() {
    return this.atom() ?? m("mrow");
  }

  /** The words between braces, as they stand. */
  words() {
    const [from, close] = [this.at + 1, this.tokens.indexOf("}", this.at)];
    if (this.tokens[this.at] !== "{" || close < 0) throw new SyntaxError("no braces");
    this.at = close + 1;
    return this.tokens.slice(from, close).join("");
  }

  atom() {
    const token = this.tokens[this.at++];
    if (token === undefined || token === "}" || token === "&") throw new SyntaxError("not understood");
    if (token === "{") return this.row("}");
    if (/^\d/.test(token)) return m("mn", token);
    if (!token.startsWith("\\")) return m(/[\p{L}]/u.test(token) ? "mi" : "mo", token);
    const name = token.slice(1);
    if (name === "frac" || name === "dfrac" || name === "tfrac") return m("mfrac", this.argument(), this.argument());
    if (name === "sqrt") return m("msqrt", this.argument());
    if (["text", "mathrm", "operatorname", "mathbf", "textbf"].includes(name)) return m("mtext", this.words());
    if (["overline", "bar", "hat", "vec"].includes(name)) return m("mover", this.argument(), m("mo", { hat: "^", vec: "→" }[name] ?? "‾"));
    if (FUNCTIONS.has(name)) return m("mi", name);
    if (SPACES.has(name)) return null;
    if (SYMBOLS[name]) return m("mi", SYMBOLS[name]);
    if (OPERATORS[name]) return m("mo", OPERATORS[name]);
    throw new SyntaxError(name);
  }
}

/** A formula as MathML; null if there is something in it that is not understood. */
export function formula(source, display = false) {
  try {
    const reader = new Reader(source);
    const element = m("math", reader.row());
    if (display) element.setAttribute("display", "block");
    return element;
  } catch (problem) {
    if (problem instanceof SyntaxError) return null;
    throw problem;
  }
}
