package io.inferc.onnx;

import java.io.Serial;
import java.util.ArrayList;

/** The first problems of a model; a small file can have so many that they fill the heap. */
final class ProblemList extends ArrayList<ModelProblem> {
  /** More of them help nobody. */
  static final int MOST = 1000;

  @Serial private static final long serialVersionUID = 1L;

  @Override
  public boolean add(ModelProblem problem) {
    return size() < MOST && super.add(problem);
  }
}
