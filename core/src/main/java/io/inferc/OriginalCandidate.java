package io.inferc;

import io.inferc.execution.internal.ExecutableModel;
import io.inferc.onnx.ModelSource;
import io.inferc.search.Candidate;
import org.jspecify.annotations.Nullable;

/** The model as it was given, which is compiled before a search begins, and closed if none does. */
final class OriginalCandidate implements AutoCloseable {
  private final CompilerSettings settings;
  private final ModelSource source;
  private final String name;
  private @Nullable ExecutableModel compiled;

  private OriginalCandidate(CompilerSettings settings, ModelSource source, String name) {
    this.settings = settings;
    this.source = source;
    this.name = name;
  }

  static OriginalCandidate of(CompilerSettings settings, ModelSource source, String name) {
    OriginalCandidate original = new OriginalCandidate(settings, source, name);
    original.compiled = original.compile();
    return original;
  }

  private ExecutableModel compile() {
    return new Compilation(settings).compile(source, name);
  }

  /** The compiled model, as long as no search has taken it. */
  ExecutableModel model() {
    ExecutableModel model = compiled;
    if (model == null) {
      throw new IllegalStateException("The search has taken the model.");
    }
    return model;
  }

  /** What a search takes; from then on the model is its own. */
  Candidate candidate() {
    return new Candidate(
        settings.opened().choice(), settings.precision() + ", as it was given", time -> take());
  }

  private ExecutableModel take() {
    ExecutableModel first = compiled;
    compiled = null;
    return first == null ? compile() : first;
  }

  @Override
  public void close() {
    ExecutableModel left = compiled;
    compiled = null;
    if (left != null) {
      left.close();
    }
  }
}
