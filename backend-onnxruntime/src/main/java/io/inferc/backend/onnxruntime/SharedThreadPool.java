package io.inferc.backend.onnxruntime;

import java.util.Optional;

/**
 * A thread pool for all models of the process.
 *
 * @param intraOpThreads threads inside an operator, 1 or more
 * @param interOpThreads threads between operators, 1 or more
 * @param spinning whether idle threads spin, or empty to leave it to ONNX Runtime
 */
record SharedThreadPool(int intraOpThreads, int interOpThreads, Optional<Boolean> spinning) {
  @Override
  public String toString() {
    return intraOpThreads
        + " intra-op and "
        + interOpThreads
        + " inter-op threads"
        + spinning.map(on -> on ? " that spin" : " that do not spin").orElse("");
  }
}
