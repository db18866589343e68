"""The CDK app: one construct per context, one for each shared part, one stack per stage."""

import os

# jsii prints an eleven-line banner on node 20, once, when aws_cdk is first imported; so it is silenced before that.
os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")  # noqa: TID251 - for the child process
