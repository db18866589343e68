"""What the entry points of this context are made of."""

from functions.eligibility.enrolment.evaluation import Sources
from functions.eligibility.enrolment.repository import EnrolmentRepository
from functions.eligibility.enrolment.workflow import EnrolmentWorkflow
from functions.eligibility.programme.repository import ProgrammeRepository
from functions.eligibility.settings import settings, sweep_settings, workflow_settings
from shared import aws
from shared.directory.reader import AccountsDirectory, FleetDirectory
from shared.table import Table


def sources() -> Sources:
    """All that decides about printers."""
    names = settings()
    client = aws.dynamodb()
    own = Table(names.eligibility_table, client)
    return Sources(
        organizations=AccountsDirectory(Table(names.accounts_table, client)),
        fleet=FleetDirectory(Table(names.fleet_table, client)),
        programmes=ProgrammeRepository(own),
        enrolments=EnrolmentRepository(own),
        required_agent_version=names.required_agent_version,
    )


def workflows() -> EnrolmentWorkflow:
    """Runs of the enrolment workflow."""
    return EnrolmentWorkflow(workflow_settings().enrolment_machine_arn, aws.stepfunctions())


def enrolments_to_start() -> EnrolmentRepository:
    """Requests, for the sweep, which only reads them."""
    return EnrolmentRepository(Table(sweep_settings().eligibility_table, aws.dynamodb()))
