package io.inferc.benchmark.trace;

import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.OutputValues;
import io.inferc.runtime.Outputs;
import io.inferc.tensor.Tensor;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A session that tells a recording what it ran, and does all else as the one it is around. */
final class RecordedSession implements InferenceSession {
  private final InferenceSession session;
  private final Recording recording;

  /** The tensors that the next run reads, as far as they were seen. */
  private final Tensor[] bound;

  /** The shapes of {@link #bound}, or null if they must be looked up. */
  private @Nullable ShapeSet shapes;

  RecordedSession(InferenceSession session, Recording recording) {
    this.session = session;
    this.recording = recording;
    bound = new Tensor[recording.inputs.size()];
  }

  @Override
  public Tensor input(String name) {
    return seen(name, session.input(name));
  }

  @Override
  public Tensor input(String name, long... shape) {
    return seen(name, session.input(name, shape));
  }

  @Override
  public void bindInput(String name, Tensor tensor) {
    session.bindInput(name, tensor);
    seen(name, tensor);
  }

  private Tensor seen(String name, Tensor tensor) {
    int index = recording.index(name);
    if (index >= 0 && bound[index] != tensor) {
      bound[index] = tensor;
      shapes = null;
    }
    return tensor;
  }

  @Override
  public void bindOutput(String name, Tensor tensor) {
    session.bindOutput(name, tensor);
  }

  @Override
  public void run() {
    if (!recording.isOpen()) {
      session.run();
      return;
    }
    ShapeSet known = shapes == null ? lookUp() : shapes;
    Payload payload = known == null ? null : recording.payload(bound);
    boolean failed = true;
    long start = System.nanoTime();
    try {
      session.run();
      failed = false;
    } finally {
      recording.add(start, System.nanoTime() - start, known, failed, payload);
    }
  }

  private @Nullable ShapeSet lookUp() {
    for (int i = 0; i < bound.length; i++) {
      if (bound[i] == null) {
        try {
          bound[i] = session.input(recording.inputs.get(i).name());
        } catch (RuntimeException e) {
          // It has no shape yet; the run will say so.
          return null;
        }
      }
    }
    shapes = recording.shapes(bound);
    return shapes;
  }

  @Override
  public Tensor output(String name) {
    return session.output(name);
  }

  @Override
  public Outputs run(Map<String, Tensor> inputs) {
    if (!recording.isOpen()) {
      return session.run(inputs);
    }
    ShapeSet known = recording.shapes(inputs);
    Payload payload = known == null ? null : recording.payload(inputs);
    boolean failed = true;
    long start = System.nanoTime();
    try {
      Outputs outputs = session.run(inputs);
      failed = false;
      return outputs;
    } finally {
      recording.add(start, System.nanoTime() - start, known, failed, payload);
    }
  }

  @Override
  public OutputValues runValues(Map<String, Tensor> inputs) {
    if (!recording.isOpen()) {
      return session.runValues(inputs);
    }
    ShapeSet known = recording.shapes(inputs);
    Payload payload = known == null ? null : recording.payload(inputs);
    boolean failed = true;
    long start = System.nanoTime();
    try {
      OutputValues outputs = session.runValues(inputs);
      failed = false;
      return outputs;
    } finally {
      recording.add(start, System.nanoTime() - start, known, failed, payload);
    }
  }

  @Override
  public void close() {
    session.close();
  }

  @Override
  public String toString() {
    return session + ", recorded";
  }
}
