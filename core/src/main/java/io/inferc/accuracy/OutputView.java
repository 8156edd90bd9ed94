package io.inferc.accuracy;

import io.inferc.tensor.Tensor;
import java.util.Map;

/**
 * What an application makes of a model's outputs, so that accuracy is judged by what it uses.
 *
 * <pre>{@code
 * OutputView text = (inputs, outputs) -> Map.of("text", Tensor.ofStrings(List.of(decode(outputs)), 1));
 * }</pre>
 */
@FunctionalInterface
public interface OutputView {
  /**
   * Makes the tensors to compare.
   *
   * @param inputs one sample
   * @param outputs what the model made of it; valid until this call returns
   * @return new tensors by name, at least one and the same names for each sample; the caller closes
   *     them. Where they are empty in all samples the comparison fails
   */
  Map<String, Tensor> of(Map<String, Tensor> inputs, Map<String, Tensor> outputs);
}
