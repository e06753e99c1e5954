"""Staff code that runs beside the student's: it uses what cannot travel, and returns plain data.

A test reaches these functions through the `drivers` fixture, exactly as it reaches the adapters; what is imported
here is what it finds. Not covered: expected values, tolerances, verdicts. Those stay with the test, where the
student's code cannot reach them.
"""

from assignment3_scaling.drivers.campaign import campaign_begin, campaign_continue
from assignment3_scaling.drivers.isoflops import predictions
