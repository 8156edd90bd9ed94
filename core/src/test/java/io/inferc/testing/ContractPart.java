package io.inferc.testing;

/**
 * A part of {@link BackendContractTest}. The parts are interfaces, so that a back end extends one
 * class, and has the tests of all parts as its own.
 */
interface ContractPart {
  /** Where and with what the tests of this part run. */
  ContractSetup setup();
}
