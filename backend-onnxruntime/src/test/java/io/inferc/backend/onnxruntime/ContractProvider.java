package io.inferc.backend.onnxruntime;

import io.inferc.runtime.Target;

/**
 * Where the contracts are held to: on the CPU, or by the execution provider that the system
 * property {@value #PROPERTY} names, such as {@code cuda} or {@code cuda:1}, on a machine that has
 * it.
 */
final class ContractProvider {
  private static final String PROPERTY = "inferc.onnxruntime.provider";

  private ContractProvider() {}

  static Target target() {
    String device = System.getProperty(PROPERTY, "");
    return device.isEmpty() ? Target.onnxRuntime() : Target.onnxRuntime().device(device);
  }
}
