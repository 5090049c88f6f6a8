/** The version of Redis that replies are modelled on: clients ask for it. */
export const VERSION = "7.0.15";
